package org.kmemscope.zone;

import java.util.List;
import java.util.stream.Collectors;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.view.AddressFact;

/** What the page allocator knows of an address or a frame: the state of the frame, and the zone. */
final class PageFacts {
    private final ZonedPageAllocator allocator;
    private final PageFrames frames;

    PageFacts(ZonedPageAllocator allocator) {
        this.allocator = allocator;
        this.frames = allocator.frames;
    }

    void describe(long virt, List<AddressFact> facts) {
        long phys = allocator.ground.mmu().lookup(virt);
        if (phys < 0) {
            AddressLayout layout = allocator.ground.layout();
            if (!layout.isLinear(virt)) {
                return;
            }
            phys = layout.virtToPhys(virt);
        }
        long pfn = phys >>> 12;
        if (!frames.isValid(pfn)) {
            facts.add(new AddressFact("page", String.format("physical 0x%08x is not RAM", phys)));
            return;
        }
        describe((int) pfn, facts);
    }

    void describe(int pfn, List<AddressFact> facts) {
        facts.add(new AddressFact("page", page(pfn)));
        int index = frames.zone(pfn);
        if (index >= 0) {
            Zone zone = allocator.zones[index];
            facts.add(new AddressFact(
                    "zone",
                    String.format(
                            "%s, pageblock %s",
                            zone.type.label(),
                            allocator
                                    .ground
                                    .gfp()
                                    .migrateTypes()
                                    .type(frames.blockType(pfn))
                                    .label())));
        }
    }

    private String page(int pfn) {
        int block = firstOfBlock(pfn);
        String state;
        if (frames.is(pfn, PageFlag.HOLE)) {
            state = "hole";
        } else if (frames.is(pfn, PageFlag.RESERVED)) {
            state = "reserved";
        } else if (block == PageFrames.NONE) {
            state = "not in use";
        } else if (frames.is(block, PageFlag.BUDDY)) {
            state = String.format("free, in a block of order %d at pfn 0x%x", frames.buddyOrder(block), block);
        } else if (frames.is(block, PageFlag.PCP)) {
            state = "free, on a per-CPU list";
        } else {
            String flags = PageFlag.of(frames.flags(block) & ~PageFlag.HEAD.bit()).stream()
                    .map(PageFlag::label)
                    .collect(Collectors.joining(","));
            int order = frames.privateData(block);
            state = "in use, count " + frames.count(block)
                    + (order > 0 ? String.format(", block of order %d at pfn 0x%x", order, block) : "")
                    + (flags.isEmpty() ? "" : ", " + flags)
                    + (frames.owner(block) == 0
                            ? ""
                            : ", from " + allocator.ground.trace().callSites().text(frames.owner(block)));
        }
        return String.format("pfn 0x%x, physical 0x%08x: %s", pfn, (long) pfn << 12, state);
    }

    /** First frame of the free or allocated block a frame lies in, or NONE. */
    private int firstOfBlock(int pfn) {
        for (int order = 0; order < allocator.rules.maxOrder(); order++) {
            int first = pfn & -(1 << order);
            if (!frames.isValid(first)) {
                return PageFrames.NONE;
            }
            int flags = frames.flags(first);
            boolean free = (flags & PageFlag.BUDDY.bit()) != 0 && frames.buddyOrder(first) >= order;
            boolean listed = (flags & PageFlag.PCP.bit()) != 0;
            boolean used = frames.count(first) > 0 && frames.privateData(first) >= order;
            if (free || listed || used) {
                return first;
            }
        }
        return PageFrames.NONE;
    }
}
