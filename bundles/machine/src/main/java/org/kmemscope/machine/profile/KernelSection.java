package org.kmemscope.machine.profile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.api.ground.KernelBuild;
import org.kmemscope.api.ground.KernelVersion;

/**
 * The key {@code kernel} of a profile: everything of a kernel but its options.
 *
 * @param version decides the rules
 * @param release what {@code uname -r} prints
 * @param commandLine boot options it always has
 * @param structPage {@code sizeof(struct page)}, in bytes
 * @param kmallocMax largest kmalloc, in bytes; 0 for the rule of the version
 * @param reserveLow bytes from address 0 that the kernel keeps off the page allocator; -1 for the rule of the version
 * @param build what the build decided
 */
record KernelSection(
        KernelVersion version,
        String release,
        String commandLine,
        int structPage,
        long kmallocMax,
        long reserveLow,
        KernelBuild build) {
    private static final List<String> KEYS = List.of(
            "version",
            "release",
            "commandLine",
            "structPage",
            "kmallocMax",
            "reserveLow",
            "fixmapEntries",
            "vmallocEnd",
            "consistentDma",
            "image");
    private static final List<String> SECTIONS = List.of("text", "rodata", "init", "data", "bss");
    private static final Pattern RANGE = Pattern.compile("(?:0x)?([0-9a-fA-F]{1,9})-(?:0x)?([0-9a-fA-F]{1,9})");
    private static final KernelVersion NONE = new KernelVersion(0, 0, 0);
    private static final int MAX_FIXMAP = 4096;

    static KernelSection read(Fields profile, Problems problems) {
        profile.require("kernel");
        Fields kernel = profile.object("kernel", KEYS);
        if (!profile.has("kernel")) {
            return new KernelSection(NONE, "", "", 0, 0, 0, KernelBuild.UNKNOWN);
        }
        String text = kernel.text("version");
        KernelVersion version = NONE;
        try {
            version = text.isEmpty() ? NONE : KernelVersion.parse(text);
        } catch (IllegalArgumentException e) {
            problems.at(kernel.get("version").orElseThrow(), "%s", e.getMessage());
        }
        kernel.require("structPage");
        KernelBuild build = new KernelBuild(
                kernel.integer("fixmapEntries", 1, MAX_FIXMAP, 0),
                kernel.pages("vmallocEnd", 0),
                kernel.pages("consistentDma", 0),
                image(kernel.object("image", SECTIONS), problems));
        return new KernelSection(
                version,
                kernel.text("release", text),
                kernel.text("commandLine", ""),
                kernel.integer("structPage", 16, 128, 32),
                kernel.bytes("kmallocMax", 0),
                kernel.pages("reserveLow", -1),
                build);
    }

    /** Sections as {@code /proc/iomem} prints them: physical addresses in hex, the last byte included. */
    private static List<KernelBuild.Section> image(Fields image, Problems problems) {
        List<KernelBuild.Section> sections = new ArrayList<>();
        for (String name : SECTIONS) {
            image.get(name).ifPresent(node -> {
                Matcher match = RANGE.matcher(image.textOf(node));
                if (!match.matches()) {
                    problems.at(node, "'%s' is no range; write it as /proc/iomem does: 00100000-003b9b2b", node.text());
                    return;
                }
                long start = Long.parseLong(match.group(1), 16);
                long last = Long.parseLong(match.group(2), 16);
                if (last < start) {
                    problems.at(node, "%s ends before it begins", node.text());
                }
                for (KernelBuild.Section other : sections) {
                    if (start < other.end() && other.start() <= last) {
                        problems.at(node, "%s overlaps %s", node.text(), other.name());
                    }
                }
                sections.add(new KernelBuild.Section("." + name, start, last + 1));
            });
        }
        sections.sort(Comparator.comparingLong(KernelBuild.Section::start));
        return sections;
    }
}
