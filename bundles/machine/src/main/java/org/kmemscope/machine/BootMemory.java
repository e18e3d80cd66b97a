package org.kmemscope.machine;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.ArchSpec;
import org.kmemscope.api.ground.KernelBuild;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.ground.MemoryRegion;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.mmu.TableSource;
import org.kmemscope.api.phys.RamRange;

/**
 * What boot takes before there is a page allocator ({@code bootmem}, later {@code memblock}): the kernel image, page tables, {@code
 * mem_map}, hash tables. bootmem takes the lowest free memory, memblock the highest low memory; i386 and ARM changed over with
 * 2.6.37.
 */
final class BootMemory implements TableSource {
    private static final long MIB = 1L << 20;
    /** bootmem keeps large tables out of ZONE_DMA if it can. */
    private static final long BOOTMEM_GOAL = 16 * MIB;
    /** ARM's {@code swapper_pg_dir} ends where the kernel's image starts, usually 32 KiB into RAM ({@code TEXT_OFFSET}). */
    private static final long ARM_TEXT_OFFSET = 0x8000;

    private static final int DENTRY_HASH_SCALE = 13;
    private static final int INODE_HASH_SCALE = 14;
    private static final int HASH_BUCKET = 4;

    private final Profile profile;
    private final AddressLayout layout;
    private final List<RamRange> ram;
    private final BitSet forbidden;
    private final boolean topDown;
    private final List<Reservation> reservations = new ArrayList<>();
    private final List<Integer> tables = new ArrayList<>();

    /**
     * Memory that boot keeps.
     *
     * @param start first byte
     * @param end one past the last
     * @param name what it is for
     */
    record Reservation(long start, long end, String name) {}

    /**
     * @param forbidden frames that must stay free
     */
    BootMemory(Profile profile, AddressLayout layout, List<RamRange> ram, BitSet forbidden) {
        this.profile = profile;
        this.layout = layout;
        this.ram = ram;
        this.forbidden = forbidden;
        KernelVersion version = profile.kernel().version();
        topDown = version.isAtLeast(2, 6, 37);
        if (profile.arch().arch() == ArchSpec.Arch.I386) {
            // the first page holds BIOS data; since 5.x all of the first megabyte is left alone, as firmware cannot be
            // trusted with it
            reserve(0, version.isAtLeast(5, 13) ? MIB : Profile.PAGE_SIZE, "firmware");
        }
        reserveImage();
    }

    /** The image is kept from its first to its last byte, what lies between its sections included. */
    private void reserveImage() {
        List<RamRange> sections = new ArrayList<>();
        for (MemoryRegion region : profile.memory()) {
            if (region.kind() == MemoryRegion.Kind.KERNEL) {
                sections.add(new RamRange(region.start(), region.end()));
            }
        }
        profile.kernel().build().image().forEach(section -> sections.add(new RamRange(section.start(), section.end())));
        if (!sections.isEmpty()) {
            long start = sections.stream().mapToLong(RamRange::start).min().getAsLong();
            long end = sections.stream().mapToLong(RamRange::end).max().getAsLong();
            reserve(start, end, "kernel image");
        }
    }

    /** The section that only boot needs, in whole frames, if it is known; empty if not. */
    Optional<RamRange> initSection() {
        long mask = -(long) Profile.PAGE_SIZE;
        return profile.kernel()
                .build()
                .section(".init")
                .map(init -> new RamRange((init.start() + Profile.PAGE_SIZE - 1) & mask, init.end() & mask));
    }

    /** Takes what a kernel takes whose page tables stand: mem_map and the two largest hash tables. */
    void takeTables() {
        long frames = layout.maxPfn() - layout.minLowPfn();
        take(frames * profile.kernel().structPageSize(), Profile.PAGE_SIZE, BOOTMEM_GOAL, "mem_map");
        take(hashBytes(DENTRY_HASH_SCALE), Profile.PAGE_SIZE, BOOTMEM_GOAL, "dentry hash");
        take(hashBytes(INODE_HASH_SCALE), Profile.PAGE_SIZE, BOOTMEM_GOAL, "inode hash");
    }

    /** {@code alloc_large_system_hash()}: a bucket for each 2^scale bytes of low memory, rounded up to a power of two. */
    private long hashBytes(int scale) {
        long perMib = MIB >>> Profile.PAGE_SHIFT;
        long pages = layout.maxLowPfn() - layout.minLowPfn();
        long entries = (pages + perMib - 1) / perMib * perMib >>> (scale - Profile.PAGE_SHIFT);
        long power = Long.highestOneBit(Math.max(1, entries));
        return (power < entries ? power << 1 : power) * HASH_BUCKET;
    }

    void reserve(long start, long end, String name) {
        reservations.add(new Reservation(start, end, name));
    }

    /** Takes low memory; a machine too small for it does not boot. */
    long take(long size, long align, long goal, String name) {
        long lowEnd = (long) layout.maxLowPfn() << Profile.PAGE_SHIFT;
        long found = !forbidden.isEmpty()
                ? tightest(size, align, lowEnd)
                : topDown ? highest(size, align, 0, lowEnd) : lowest(size, align, goal, lowEnd);
        if (found < 0 && !topDown) {
            found = lowest(size, align, 0, lowEnd);
        }
        if (found < 0) {
            throw new IllegalArgumentException(
                    "not enough low memory to boot: no room for " + size + " bytes of " + name);
        }
        reserve(found, found + size, name);
        return found;
    }

    /** The highest free place in {@code [start, end)}, or -1. */
    long highest(long size, long align, long start, long end) {
        for (int i = ram.size() - 1; i >= 0; i--) {
            long at = (Math.min(ram.get(i).end(), end) - size) & -align;
            while (at >= Math.max(ram.get(i).start(), start)) {
                Reservation clash = overlapping(at, at + size);
                if (clash == null) {
                    return at;
                }
                at = (clash.start - size) & -align;
            }
        }
        return -1;
    }

    /**
     * The smallest gap that is large enough: between the free frames of a recorded state there may be just one that holds {@code mem_map}.
     */
    private long tightest(long size, long align, long end) {
        long best = -1;
        long bestGap = Long.MAX_VALUE;
        for (RamRange range : ram) {
            long stop = Math.min(range.end(), end);
            long at = range.start();
            while (at < stop) {
                Reservation clash = overlapping(at, at + 1);
                if (clash != null) {
                    at = clash.end;
                    continue;
                }
                long gapEnd = gapEnd(at, stop);
                long start = (at + align - 1) & -align;
                if (start + size <= gapEnd && gapEnd - at < bestGap) {
                    best = start;
                    bestGap = gapEnd - at;
                }
                at = gapEnd;
            }
        }
        return best;
    }

    private long gapEnd(long start, long stop) {
        long gapEnd = stop;
        for (Reservation reservation : reservations) {
            if (reservation.start > start) {
                gapEnd = Math.min(gapEnd, reservation.start);
            }
        }
        int free = forbidden.nextSetBit((int) (start >>> Profile.PAGE_SHIFT));
        return free < 0 ? gapEnd : Math.min(gapEnd, (long) free << Profile.PAGE_SHIFT);
    }

    private long lowest(long size, long align, long goal, long end) {
        for (RamRange range : ram) {
            long at = (Math.max(range.start(), goal) + align - 1) & -align;
            while (at + size <= Math.min(range.end(), end)) {
                Reservation clash = overlapping(at, at + size);
                if (clash == null) {
                    return at;
                }
                at = (clash.end + align - 1) & -align;
            }
        }
        return -1;
    }

    private Reservation overlapping(long start, long end) {
        for (Reservation reservation : reservations) {
            if (start < reservation.end && reservation.start < end) {
                return reservation;
            }
        }
        int first = (int) (start >>> Profile.PAGE_SHIFT);
        int free = forbidden.nextSetBit(first);
        if (free >= 0 && (long) free << Profile.PAGE_SHIFT < end) {
            long at = (long) free << Profile.PAGE_SHIFT;
            return new Reservation(at, (long) forbidden.nextClearBit(free) << Profile.PAGE_SHIFT, "free");
        }
        return null;
    }

    private long imageStart() {
        return profile.kernel().build().image().stream()
                .mapToLong(KernelBuild.Section::start)
                .min()
                .orElse(profile.arch().physOffset() + ARM_TEXT_OFFSET);
    }

    @Override
    public int tableFrames(int order) {
        long size = (long) Profile.PAGE_SIZE << order;
        long at;
        if (order > 0 && profile.arch().arch() == ArchSpec.Arch.ARM) {
            at = imageStart() - size;
            if (overlapping(at, at + size) == null) {
                reserve(at, at + size, "swapper_pg_dir");
            } else {
                // a recorded state whose kernel lay elsewhere has free frames there
                at = take(size, size, 0, "swapper_pg_dir");
            }
        } else {
            at = take(size, size, 0, "page tables");
        }
        int pfn = (int) (at >>> Profile.PAGE_SHIFT);
        for (int frame = pfn; frame < pfn + (1 << order); frame++) {
            tables.add(frame);
        }
        return pfn;
    }

    @Override
    public void releaseTableFrame(int pfn) {
        throw new IllegalStateException("boot gives no page tables back");
    }

    /** Frames of the page tables that boot made. */
    List<Integer> tables() {
        return tables;
    }

    List<Reservation> reservations() {
        List<Reservation> ascending = new ArrayList<>(reservations);
        ascending.sort(Comparator.comparingLong(Reservation::start));
        return ascending;
    }

    List<RamRange> reserved() {
        return reservations().stream()
                .map(reservation -> new RamRange(reservation.start, reservation.end))
                .toList();
    }
}
