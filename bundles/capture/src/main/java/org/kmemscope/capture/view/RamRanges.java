package org.kmemscope.capture.view;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.view.ResourceView;
import org.kmemscope.api.view.ZoneView;
import org.kmemscope.capture.file.CaptureFiles;
import org.kmemscope.capture.file.FileKind;
import org.kmemscope.capture.file.Iomem;

/**
 * Where RAM is, from the best of what a capture has: {@code iomem}, which is the map as the kernel left it; the firmware's map in the boot
 * log with what the kernel took out of it; the ranges of the memory node in the boot log; at last the spans of the zones, holes and all.
 *
 * @param ranges RAM, ascending, not adjacent
 * @param unmapped parts of it that the page allocator was not given, because devices have them for themselves
 * @param source which of these it was, in words
 */
public record RamRanges(List<BootLog.Range> ranges, List<BootLog.Range> unmapped, String source) {
    private static final String SYSTEM_RAM = "System RAM";
    private static final String USABLE = "usable";
    private static final String RAM = "ram";
    private static final int PAGE_SHIFT = 12;
    /** Where a PC has video memory and ROMs, and the firmware's data below them. */
    private static final BootLog.Range PC_HOLE = new BootLog.Range(0x9_f000, 0x10_0000, "hole");

    /** Keeps unmodifiable copies. */
    public RamRanges {
        ranges = List.copyOf(ranges);
        unmapped = List.copyOf(unmapped);
    }

    /**
     * The RAM of a capture; empty if nothing tells.
     *
     * @param pc whether it is a PC, where the firmware has the last of the first megabyte
     */
    public static Optional<RamRanges> of(CaptureFiles files, BootLog log, List<ZoneView> zones, boolean pc) {
        Optional<Iomem> iomem = files.find(FileKind.IOMEM).map(Iomem::read).filter(file -> !file.hidden());
        if (iomem.isPresent()) {
            List<BootLog.Range> ram = iomem.get().resources().stream()
                    .filter(line -> line.name().equals(SYSTEM_RAM))
                    .map(RamRanges::range)
                    .toList();
            return ram.isEmpty() ? Optional.empty() : Optional.of(withUnmapped(merged(ram), log));
        }
        List<BootLog.Range> firmware =
                log.e820().stream().filter(range -> range.kind().equals(USABLE)).toList();
        if (!firmware.isEmpty()) {
            List<BootLog.Range> ram = firmware;
            for (BootLog.Range update : log.e820Updates()) {
                ram = without(ram, update);
            }
            return Optional.of(new RamRanges(merged(ram), List.of(), "the firmware's map in the boot log"));
        }
        if (!log.nodeRanges().isEmpty()) {
            String source = "the memory node's ranges in the boot log";
            return Optional.of(new RamRanges(merged(log.nodeRanges()), List.of(), source));
        }
        List<BootLog.Range> spans = zones.stream()
                .filter(ZoneView::populated)
                .map(zone -> new BootLog.Range(
                        (long) zone.startPfn() << PAGE_SHIFT, (zone.startPfn() + zone.spanned()) << PAGE_SHIFT, RAM))
                .toList();
        List<BootLog.Range> ram = pc ? without(merged(spans), PC_HOLE) : merged(spans);
        String source = "the spans of the zones" + (pc ? ", with the usual hole below 1 MiB" : "");
        return ram.isEmpty() ? Optional.empty() : Optional.of(new RamRanges(ram, List.of(), source));
    }

    /** How many whole frames of RAM there are below a frame. */
    public long framesBelow(long pfn) {
        long frames = 0;
        for (BootLog.Range range : ranges) {
            long start = (range.start() + (1 << PAGE_SHIFT) - 1) >>> PAGE_SHIFT;
            frames += Math.max(0, Math.min(range.end() >>> PAGE_SHIFT, pfn) - start);
        }
        return frames;
    }

    /** Adds what the zones span beyond the RAM of {@code iomem}: memory that was given to devices and has no mapping (ARM). */
    private static RamRanges withUnmapped(List<BootLog.Range> ram, BootLog log) {
        List<BootLog.Range> unmapped = log.memblockRanges();
        for (BootLog.Range range : ram) {
            unmapped = without(unmapped, range);
        }
        unmapped = unmapped.stream()
                .filter(range -> range.end() - range.start() >= 1 << PAGE_SHIFT)
                .toList();
        List<BootLog.Range> all = new ArrayList<>(ram);
        all.addAll(unmapped);
        return new RamRanges(merged(all), unmapped, unmapped.isEmpty() ? "iomem" : "iomem and the boot log");
    }

    private static BootLog.Range range(ResourceView line) {
        return new BootLog.Range(line.start(), line.end() + 1, RAM);
    }

    /** Ascending, touching ones as one. */
    private static List<BootLog.Range> merged(List<BootLog.Range> ranges) {
        List<BootLog.Range> sorted = new ArrayList<>(ranges);
        sorted.sort(Comparator.comparingLong(BootLog.Range::start));
        List<BootLog.Range> merged = new ArrayList<>();
        for (BootLog.Range range : sorted) {
            BootLog.Range last = merged.isEmpty() ? null : merged.get(merged.size() - 1);
            if (last != null && range.start() <= last.end()) {
                merged.set(merged.size() - 1, new BootLog.Range(last.start(), Math.max(last.end(), range.end()), RAM));
            } else if (range.end() > range.start()) {
                merged.add(new BootLog.Range(range.start(), range.end(), RAM));
            }
        }
        return merged;
    }

    private static List<BootLog.Range> without(List<BootLog.Range> ranges, BootLog.Range taken) {
        List<BootLog.Range> left = new ArrayList<>();
        for (BootLog.Range range : ranges) {
            if (taken.end() <= range.start() || range.end() <= taken.start()) {
                left.add(range);
                continue;
            }
            if (range.start() < taken.start()) {
                left.add(new BootLog.Range(range.start(), taken.start(), RAM));
            }
            if (taken.end() < range.end()) {
                left.add(new BootLog.Range(taken.end(), range.end(), RAM));
            }
        }
        return left;
    }
}
