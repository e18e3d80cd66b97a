package org.kmemscope.capture.view;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.api.capture.NotCaptured;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.capture.file.CaptureFiles;
import org.kmemscope.capture.file.CpuInfo;
import org.kmemscope.capture.file.Dmesg;
import org.kmemscope.capture.file.FileKind;
import org.kmemscope.capture.file.TextFile;

/**
 * Which kernel a capture is of.
 *
 * @param version decides the rules
 * @param release what {@code uname -r} prints
 * @param processor what {@code uname -m} prints, or a word of the same family; empty if nothing tells
 * @param banner the version banner, or the line of {@code uname -a}
 */
public record KernelIdentity(KernelVersion version, String release, String processor, String banner) {
    private static final Pattern BANNER = Pattern.compile("Linux version (\\S+) .*");
    private static final Pattern UNAME = Pattern.compile("Linux \\S+ (\\d\\S+) .*");
    private static final Pattern PROCESSOR = Pattern.compile(
            ".* (i[3-6]86|x86_64|arm\\w*|aarch64|mips\\w*|ppc\\w*|riscv\\d+|s390x?|sparc\\w*|alpha|loongarch\\d+)(?: .*)?");
    /** Debian names a stable series in the release and the very version only in the banner. */
    private static final Pattern DEBIAN = Pattern.compile(".* Debian (\\d+\\.\\d+\\.\\d+)[-+~].*");

    /**
     * Finds it in {@code version}, {@code uname} or the kernel log.
     *
     * @throws NotCaptured if none of them is there or tells
     */
    public static KernelIdentity of(CaptureFiles files) {
        return find(files)
                .orElseThrow(() -> new NotCaptured(files.name()
                        + " has no proc-version.txt, uname.txt or boot log, so its kernel version is not known"));
    }

    private static Optional<KernelIdentity> find(CaptureFiles files) {
        Optional<String> uname = first(files, FileKind.UNAME, UNAME);
        Optional<String> banner = first(files, FileKind.VERSION, BANNER);
        if (banner.isEmpty()) {
            banner = files.find(FileKind.DMESG).map(Dmesg::read).flatMap(KernelIdentity::banner);
        }
        String processor = uname.flatMap(KernelIdentity::processor).orElseGet(() -> guessed(files));
        String told = banner.or(() -> uname).orElse("");
        Optional<String> release =
                banner.flatMap(line -> group(BANNER, line)).or(() -> uname.flatMap(line -> group(UNAME, line)));
        return release.map(name -> new KernelIdentity(version(name, told + " "), name, processor, told));
    }

    private static Optional<String> first(CaptureFiles files, FileKind kind, Pattern pattern) {
        return files.find(kind).map(file -> {
            String line = file.lines().get(0);
            if (!pattern.matcher(line + " ").matches()) {
                throw file.unlike(
                        0, kind == FileKind.UNAME ? "Linux host 2.6.24.3 #7 ... i686" : "Linux version 2.6.24.3 (...)");
            }
            return line;
        });
    }

    private static Optional<String> banner(List<KernelLog.Line> log) {
        return log.stream()
                .map(KernelLog.Line::text)
                .filter(text -> BANNER.matcher(text).matches())
                .findFirst();
    }

    private static Optional<String> group(Pattern pattern, String line) {
        Matcher match = pattern.matcher(line + " ");
        return match.matches() ? Optional.of(match.group(1)) : Optional.empty();
    }

    private static Optional<String> processor(String uname) {
        return group(PROCESSOR, uname);
    }

    /** What else tells the processor's family. */
    private static String guessed(CaptureFiles files) {
        if (files.find(FileKind.CPUINFO).map(CpuInfo::read).filter(CpuInfo::arm).isPresent()) {
            return "arm";
        }
        List<KernelLog.Line> log = files.find(FileKind.DMESG).map(Dmesg::read).orElse(List.of());
        for (KernelLog.Line line : log) {
            if (line.text().startsWith("CPU: ARM")) {
                return "arm";
            }
            if (line.text().contains("BIOS-e820")) {
                return wide(files) ? "x86_64" : "i686";
            }
        }
        return "";
    }

    private static boolean wide(CaptureFiles files) {
        return files.find(FileKind.ZONEINFO).map(TextFile::lines).orElse(List.of()).stream()
                .anyMatch(line -> line.contains("zone    DMA32"));
    }

    private static KernelVersion version(String release, String told) {
        Matcher debian = DEBIAN.matcher(told);
        try {
            return KernelVersion.parse(debian.matches() ? debian.group(1) : release);
        } catch (IllegalArgumentException e) {
            throw new NotCaptured(
                    "the release '" + release + "' tells no kernel version; one looks like 2.6.24 or 6.1");
        }
    }

    /** Whether it is a 64-bit kernel. */
    public boolean wide() {
        return processor.contains("64") || processor.equals("s390x") || processor.equals("alpha");
    }

    /** Whether it is a 32-bit kernel for the PC. */
    public boolean i386() {
        return processor.matches("i[3-6]86");
    }

    /** Whether it is a 32-bit kernel for ARM. */
    public boolean arm() {
        return processor.startsWith("arm");
    }
}
