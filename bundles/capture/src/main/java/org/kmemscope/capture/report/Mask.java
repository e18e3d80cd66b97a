package org.kmemscope.capture.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.kmemscope.api.gfp.GfpProvider;
import org.kmemscope.api.gfp.GfpTable;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.page.ZoneType;

/**
 * The mask of a request, read with the flags of its kernel. The numbers moved often: {@code 0xd0} is GFP_KERNEL in 2.6 and a rare mixture
 * in 6.1. So the version in the log decides; without one, the printed names do, if only one era gives them this number; without those,
 * the form of the report, and the reader is told.
 *
 * @param table the flags it was read with
 * @param version whose flags these are
 * @param value the mask
 * @param names the mask by names: as printed, or as that kernel would print it
 * @param note what had to be assumed; empty if nothing
 */
record Mask(GfpTable table, KernelVersion version, int value, String names, Optional<String> note) {
    private static final KernelVersion OLDEST = new KernelVersion(2, 6, 24);
    /** One release of each stretch in which flags that reports print did not change, newest first. */
    private static final List<KernelVersion> ERAS = List.of(
            new KernelVersion(6, 7, 0),
            new KernelVersion(6, 4, 0),
            new KernelVersion(6, 1, 0),
            new KernelVersion(5, 14, 0),
            new KernelVersion(5, 10, 0),
            new KernelVersion(5, 0, 0),
            new KernelVersion(4, 18, 0),
            new KernelVersion(4, 15, 0),
            new KernelVersion(4, 13, 0),
            new KernelVersion(4, 10, 0),
            new KernelVersion(4, 8, 0),
            new KernelVersion(4, 6, 0));

    private static final KernelVersion WITHOUT_NAMES = new KernelVersion(3, 16, 0);
    private static final KernelVersion OLD_STYLE = new KernelVersion(2, 6, 38);

    /** Reads the mask of a report. */
    static Mask of(Report report, GfpProvider gfp) {
        KernelConfig config = config(report);
        int value = (int) report.header().number();
        Optional<KernelVersion> told = report.release().flatMap(Mask::version);
        Optional<String> names = report.header().names().filter(text -> !text.isEmpty());
        if (told.isPresent()) {
            KernelVersion version = told.get().compareTo(OLDEST) < 0 ? OLDEST : told.get();
            Optional<String> note = version.equals(told.get())
                    ? Optional.empty()
                    : Optional.of("the mask is read with the flags of " + OLDEST + ", the oldest that are known");
            GfpTable table = gfp.table(version, config);
            if (names.isPresent() && note.isEmpty() && !gives(table, names.get(), value)) {
                note = Optional.of("the names in the log and the number do not agree by the flags of " + version
                        + "; a distribution may have moved some, and the number is taken");
            }
            return new Mask(table, version, value, names.orElseGet(() -> table.format(value)), note);
        }
        KernelVersion guess = guess(report, gfp, config, names, value);
        GfpTable table = gfp.table(guess, config);
        String note = "the log does not tell the version of the kernel; the mask is read with the flags of " + guess;
        return new Mask(table, guess, value, names.orElseGet(() -> table.format(value)), Optional.of(note));
    }

    private static Optional<KernelVersion> version(String release) {
        try {
            return Optional.of(KernelVersion.parse(release));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static KernelVersion guess(
            Report report, GfpProvider gfp, KernelConfig config, Optional<String> names, int value) {
        if (names.isEmpty()) {
            return report.header().oldStyle() ? OLD_STYLE : WITHOUT_NAMES;
        }
        return ERAS.stream()
                .filter(era -> gives(gfp.table(era, config), names.get(), value))
                .findFirst()
                .orElse(ERAS.get(0));
    }

    private static boolean gives(GfpTable table, String names, int value) {
        try {
            return table.parse(names) == value;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** The options that decide about zones and migrate types, from the zones there are. */
    static KernelConfig config(Report report) {
        Map<String, String> options = new LinkedHashMap<>();
        if (report.zoneTypes().contains(ZoneType.DMA)) {
            options.put("ZONE_DMA", "y");
        }
        if (report.zoneTypes().contains(ZoneType.DMA32)) {
            options.put("ZONE_DMA32", "y");
        }
        if (report.zoneTypes().contains(ZoneType.HIGHMEM)) {
            options.put("HIGHMEM", "y");
            options.put("HIGHMEM4G", "y");
        }
        if (report.zones().stream().anyMatch(zone -> zone.kb().containsKey("free_cma"))) {
            options.put("CMA", "y");
            options.put("MEMORY_ISOLATION", "y");
        }
        return new KernelConfig(options);
    }
}
