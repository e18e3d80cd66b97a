package org.kmemscope.capture.file;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files that captures are made of, and the questions each of them answers.
 *
 * <p>A file is recognised in every spelling that people and scripts use: {@code zoneinfo}, {@code proc-zoneinfo.txt}, {@code
 * proc/zoneinfo}, {@code proc_zoneinfo}, each with or without {@code .txt}, {@code .log} and {@code .gz}.
 */
public enum FileKind {
    /** Version banner. */
    VERSION("proc-version.txt", "version of the kernel", "version"),
    /** {@code uname -a}. */
    UNAME("uname.txt", "release of the kernel and processor family", "uname", "uname-a"),
    /** Boot options. */
    CMDLINE("proc-cmdline.txt", "boot options", "cmdline"),
    /** Processors. */
    CPUINFO("proc-cpuinfo.txt", "number of processors, cache line", "cpuinfo"),
    /** Physical memory map. */
    IOMEM("proc-iomem.txt", "physical memory map, place of the kernel image", "iomem"),
    /** Zones. */
    ZONEINFO("proc-zoneinfo.txt", "zones, watermarks, reserves, per-CPU lists", "zoneinfo"),
    /** Free blocks by order. */
    BUDDYINFO("proc-buddyinfo.txt", "free blocks by order", "buddyinfo"),
    /** Free blocks by migrate type. */
    PAGETYPEINFO("proc-pagetypeinfo.txt", "free blocks and pageblocks by migrate type", "pagetypeinfo"),
    /** Memory totals. */
    MEMINFO("proc-meminfo.txt", "memory totals in kB", "meminfo"),
    /** Counters of events and states. */
    VMSTAT("proc-vmstat.txt", "counters of memory management", "vmstat"),
    /** Caches of objects. */
    SLABINFO("proc-slabinfo.txt", "caches of objects", "slabinfo"),
    /** Attributes of SLUB's caches. */
    SLAB_SYSFS("sys-kernel-slab.txt", "attributes of SLUB caches", "sys-kernel-slab"),
    /** Areas of the vmalloc space. */
    VMALLOCINFO("proc-vmallocinfo.txt", "areas of the vmalloc space", "vmallocinfo"),
    /** Tunables. */
    TUNABLES("proc-sys-vm.txt", "tunables (min_free_kbytes, lowmem_reserve_ratio)", "sys-vm", "sysctl", "sysctl-a"),
    /** Kernel log. */
    DMESG(
            "dmesg-boot.txt",
            "kernel log; with the boot messages, the address space",
            "dmesg-boot",
            "dmesg",
            "dmesg-from-ram",
            "kern",
            "boot"),
    /** Build-time options. */
    CONFIG("config.gz", "build-time options", "config"),
    /** Constants read by a module. */
    ORACLE_CONST("oracle-const.txt", "constants of the address space, read by a module", "oracle-const"),
    /** Zones read by a module. */
    ORACLE_ZONES("oracle-zones.txt", "zones, read by a module", "oracle-zones"),
    /** Free lists read by a module. */
    BUDDY_DUMP(
            "oracle-buddydump-initial.txt",
            "exact free lists, in their order, read by a module",
            "oracle-buddydump-initial"),
    /** Bits of each frame. */
    PAGE_FLAGS("kpageflags-rle.txt", "flags of each frame", "kpageflags-rle"),
    /** Exact states before and after operations. */
    VECTOR("vec-page-a.txt.gz", "exact state of the page allocator, read by a module", "vec-page-"),
    /** The vmalloc area before and after operations. */
    VMALLOC_VECTOR("vec-vmalloc.txt.gz", "areas of the vmalloc space, read by a module", "vec-vmalloc"),
    /** Several files in one, beside vectors. */
    INFO("info.txt", "uname, options, tunables, meminfo and zoneinfo beside vectors", "info");

    private static final Pattern PREFIX = Pattern.compile("(?:proc[/_-])?(.*)");
    private static final Pattern SUFFIX = Pattern.compile("(.*)\\.(?:gz|txt|log)");
    private static final Pattern CONFIG_NAME = Pattern.compile("(?:boot/)?config(?:-.*)?");
    private static final Pattern VECTOR_NAME = Pattern.compile("vec-page-\\w+");

    private final String usual;
    private final String question;
    private final List<String> stems;

    FileKind(String usual, String question, String... stems) {
        this.usual = usual;
        this.question = question;
        this.stems = List.of(stems);
    }

    /** The usual name of such a file. */
    public String usual() {
        return usual;
    }

    /** What it answers. */
    public String question() {
        return question;
    }

    /** What a file is, by its name within the capture; empty if it is none of these. */
    public static Optional<FileKind> of(String name) {
        String stem = stem(name);
        for (FileKind kind : values()) {
            if (kind.stems.contains(stem)) {
                return Optional.of(kind);
            }
        }
        return CONFIG_NAME.matcher(stem(name)).matches()
                ? Optional.of(CONFIG)
                : VECTOR_NAME.matcher(stem).matches() ? Optional.of(VECTOR) : Optional.empty();
    }

    /** Which of two files of this kind is better: a smaller number. */
    int rank(String name) {
        int rank = stems.indexOf(stem(name));
        return rank < 0 ? stems.size() : rank;
    }

    private static String stem(String name) {
        String stem = name;
        for (Matcher match = SUFFIX.matcher(stem); match.matches(); match = SUFFIX.matcher(stem)) {
            stem = match.group(1);
        }
        Matcher prefix = PREFIX.matcher(stem);
        return prefix.matches() ? prefix.group(1) : stem;
    }
}
