package org.kmemscope.machine;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.ArchSpec;
import org.kmemscope.api.ground.BootPages;
import org.kmemscope.api.ground.KernelBuild;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.ground.MemoryRegion;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.ZoneLimits;
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
    private final List<RamRange> givenBack = new ArrayList<>();

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
        profile.bootPages().kept().forEach(region -> reserve(region.start(), region.end(), "device"));
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
            long start =
                    firstKept(sections.stream().mapToLong(RamRange::start).min().getAsLong());
            long end = sections.stream().mapToLong(RamRange::end).max().getAsLong();
            reserve(start, Math.max(start, end), "kernel image");
        }
    }

    /**
     * ARM keeps the image from {@code _stext} on. Where code and data have rights of their own (4.11 and later) that is the next section
     * boundary, and the start-up code before it is free once it has run.
     */
    private long firstKept(long start) {
        KernelVersion version = profile.kernel().version();
        if (profile.arch().arch() != ArchSpec.Arch.ARM || !version.isAtLeast(4, 11)) {
            return start;
        }
        long section = profile.arch().tables() == ArchSpec.Tables.ARM_LPAE ? 2 * MIB : MIB;
        return (start + section - 1) & -section;
    }

    /** The section that only boot needs, in whole frames, if it is known; empty if not. */
    private Optional<RamRange> initSection() {
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

    /**
     * Keeps as much as the kernel's log says that boot kept: what comes back later, and what drivers and firmware hold for good. What is kept
     * already stays so where that is more. What comes back lies in the init section, in an initial RAM disk, and, where the image says
     * nothing of an init section, between the sections it names.
     */
    void takeRest() {
        BootPages told = profile.bootPages();
        Optional<RamRange> init = initSection();
        init.ifPresent(givenBack::add);
        if (!told.known()) {
            return;
        }
        long back = Math.max(0, told.later() - init.map(BootMemory::pages).orElse(0L));
        long missing = Math.max(0, unreserved() - told.atStart());
        long disk = Math.min(back, missing);
        takePieces(disk, "initrd").forEach(givenBack::add);
        takePieces(missing - disk, "boot");
        long inImage = back - disk;
        for (RamRange gap : imageGaps()) {
            long pages = Math.min(inImage, pages(gap));
            if (pages > 0) {
                givenBack.add(new RamRange(gap.start(), gap.start() + (pages << Profile.PAGE_SHIFT)));
                inImage -= pages;
            }
        }
    }

    private static long pages(RamRange range) {
        return range.size() >>> Profile.PAGE_SHIFT;
    }

    /** Whole frames between the sections of the image; none if its init section is known. */
    private List<RamRange> imageGaps() {
        List<RamRange> gaps = new ArrayList<>();
        if (initSection().isEmpty()) {
            long end = -1;
            for (KernelBuild.Section section : profile.kernel().build().image()) {
                long start = section.start() & -(long) Profile.PAGE_SIZE;
                if (end >= 0 && end < start) {
                    gaps.add(new RamRange(end, start));
                }
                end = (long) frameUp(section.end()) << Profile.PAGE_SHIFT;
            }
        }
        return gaps;
    }

    /** Frames in as few pieces as there is room for. */
    private List<RamRange> takePieces(long pages, String name) {
        List<RamRange> pieces = new ArrayList<>();
        long left = pages;
        long piece = pages;
        while (left > 0 && piece > 0) {
            long size = piece << Profile.PAGE_SHIFT;
            long found = place(size, Profile.PAGE_SIZE, BOOTMEM_GOAL);
            if (found < 0) {
                piece /= 2;
                continue;
            }
            reserve(found, found + size, name);
            pieces.add(new RamRange(found, found + size));
            left -= piece;
            piece = Math.min(piece, left);
        }
        return pieces;
    }

    /** Whole frames of the zones that nobody has reserved. */
    private long unreserved() {
        int first = layout.zones().zones().stream()
                .filter(zone -> !zone.isEmpty())
                .mapToInt(ZoneLimits.Zone::startPfn)
                .min()
                .orElse(layout.minLowPfn());
        BitSet frames = new BitSet();
        for (RamRange range : ram) {
            int start = Math.max(first, frameUp(range.start()));
            frames.set(start, Math.max(start, (int) (range.end() >>> Profile.PAGE_SHIFT)));
        }
        for (Reservation reservation : reservations) {
            frames.clear((int) (reservation.start >>> Profile.PAGE_SHIFT), frameUp(reservation.end));
        }
        return frames.cardinality();
    }

    private static int frameUp(long phys) {
        return (int) ((phys + Profile.PAGE_SIZE - 1) >>> Profile.PAGE_SHIFT);
    }

    /** Memory that comes back to the page allocator when boot is over. */
    List<RamRange> givenBack() {
        return givenBack;
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
        long found = place(size, align, goal);
        if (found < 0) {
            throw new IllegalArgumentException(
                    "not enough low memory to boot: no room for " + size + " bytes of " + name);
        }
        reserve(found, found + size, name);
        return found;
    }

    /** A place in low memory, or -1. */
    private long place(long size, long align, long goal) {
        long lowEnd = (long) layout.maxLowPfn() << Profile.PAGE_SHIFT;
        long found = !forbidden.isEmpty()
                ? tightest(size, align, lowEnd)
                : topDown ? highest(size, align, 0, lowEnd) : lowest(size, align, goal, lowEnd);
        return found < 0 && !topDown ? lowest(size, align, 0, lowEnd) : found;
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
