package org.kmemscope.slub;

import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.ground.Profile;

/**
 * What the kernel says of its caches, which changed more often than what it does. Formats are for {@link String#format}.
 *
 * @param noMemory first line when a slab cannot be made: mask, and the mask's names
 * @param notMade what is said when a cache cannot be made: name, error; empty for nothing
 * @param panics what a kernel says that cannot go on without a cache: name, error
 * @param notEmpty what is said when a cache is destroyed that has objects: name, place of the call
 * @param remaining what is said of each of its slabs: name
 * @param sleeps the place that {@code might_sleep()} names
 * @param tainted how a tainted kernel calls itself in reports; empty where they do not say
 * @param leftRedZone the red zone before an object
 * @param rightRedZone the red zone behind it
 * @param endPoison the last byte of the poison
 * @param bytes where bytes were overwritten: first and last address, offset in the slab, value, wanted value
 * @param restored how bytes were put right: what, first and last address, value
 * @param track who allocated or freed: what, place, age, CPU, process
 * @param slab a slab: address, objects, objects in use, first free object, flags
 * @param newFlags whether the flags of a page are those of later kernels, with names
 * @param objectLine an object in a report: address, offset in its slab, next free object
 * @param object an object in a list: address, offset in its slab
 * @param hexRow a row of a hex dump: name, address, bytes, characters
 * @param printsBlanks whether blanks are characters in it
 * @param mostBytes bytes of an object that are shown
 */
record Words(
        String noMemory,
        String notMade,
        String panics,
        String notEmpty,
        String remaining,
        String sleeps,
        String tainted,
        String leftRedZone,
        String rightRedZone,
        String endPoison,
        String bytes,
        String restored,
        String track,
        String slab,
        boolean newFlags,
        String objectLine,
        String object,
        String hexRow,
        boolean printsBlanks,
        int mostBytes) {
    /** Second line when a slab cannot be made: name, object size, size, order, least order. */
    static final String NO_MEMORY_SIZES =
            "  cache: %s, object size: %d, buffer size: %d, default order: %d, min order: %d";

    /** Third line: slabs, objects, free objects. */
    static final String NO_MEMORY_COUNTS = "  node 0: slabs: %d, objs: %d, free: %d";

    private static final int FEW_BYTES = 128;
    private static final int ZONE_SHIFT = 30;
    private static final int SLAB_FLAG = 0x200;
    private static final int HEAD_FLAG = 0x10000;
    private static final int OLD_SLAB_FLAG = 0x80;
    private static final int OLD_HEAD_FLAG = 0x4000;
    /** Flags a kernel has for its taint: so many letters and blanks are printed. */
    private static final int TAINTS = 19;

    private static final int OLD_TAINTS = 13;

    /** Whether {@code kmem_cache_destroy()} and {@code kmem_cache_free()} warn with a place when they complain of objects (5.17). */
    boolean warnsOfObjects() {
        return notEmpty.contains("called from");
    }

    static Words of(KernelVersion version) {
        boolean common = version.isAtLeast(3, 6);
        boolean usercopy = version.isAtLeast(4, 16);
        boolean bothZones = version.isAtLeast(5, 13);
        String info = version.isAtLeast(5, 14) ? "" : "INFO: ";
        return new Words(
                version.isAtLeast(4, 6)
                        ? "SLUB: Unable to allocate memory on node -1, gfp=0x%x(%s)"
                        : "SLUB: Unable to allocate memory on node -1 (gfp=0x%x)",
                !common
                        ? ""
                        : (usercopy ? "kmem_cache_create_usercopy" : "kmem_cache_create") + "(%s) failed with error %d",
                !common
                        ? "Cannot create slabcache %s"
                        : (usercopy ? "kmem_cache_create_usercopy" : "kmem_cache_create")
                                + ": Failed to create slab '%s'. Error %d",
                version.isAtLeast(5, 17)
                        ? "kmem_cache_destroy %s: Slab cache still has objects when called from %s"
                        : common
                                ? "kmem_cache_destroy %s: Slab cache still has objects"
                                : "SLUB %s: kmem_cache_destroy called for cache that still has objects.",
                common
                        ? "Objects remaining in %s on __kmem_cache_shutdown()"
                        : version.isAtLeast(3, 1)
                                ? "Objects remaining in %s on kmem_cache_close()"
                                : "Objects remaining on kmem_cache_close()",
                version.isAtLeast(5, 10) ? "include/linux/sched/mm.h" : "mm/slub.c",
                tainted(version),
                bothZones ? "Left Redzone" : "Redzone",
                bothZones ? "Right Redzone" : "Redzone",
                bothZones ? "End Poison" : "Poison",
                info
                        + (version.isAtLeast(5, 1)
                                ? "0x%08x-0x%08x @offset=%d. First byte 0x%x instead of 0x%x"
                                : "0x%1$08x-0x%2$08x. First byte 0x%4$x instead of 0x%5$x"),
                version.isAtLeast(5, 14) ? "Restoring %s 0x%08x-0x%08x=0x%x" : "Restoring 0x%2$08x-0x%3$08x=0x%4$x",
                info + "%s in %s age=%d cpu=%d pid=%d",
                info + "Slab 0x%08x objects=%d used=%d fp=0x%08x flags=%s",
                version.isAtLeast(5, 14),
                info + "Object 0x%08x @offset=%d fp=0x%08x",
                info + "Object 0x%08x @offset=%d",
                hexRow(version),
                version.isAtLeast(3, 1),
                version.isAtLeast(3, 1) ? Profile.PAGE_SIZE : FEW_BYTES);
    }

    /** In the third version of reports, names are padded, so that rows of different parts stand below each other. */
    private static String hexRow(KernelVersion version) {
        if (version.isAtLeast(5, 10)) {
            return "%-8s %08x: %-49s%s";
        }
        return version.isAtLeast(3, 1) ? "%s %08x: %-49s%s" : "%8s 0x%08x:  %-47s %s";
    }

    /** No module is proprietary, a page was bad. */
    private static String tainted(KernelVersion version) {
        if (!version.isAtLeast(3, 3)) {
            return "";
        }
        int flags = version.isAtLeast(5, 18) ? TAINTS : OLD_TAINTS;
        return "Tainted: " + String.format("%-" + flags + "s", "G    B");
    }

    /** A line about a slab. */
    String slabLine(long base, int objects, int inUse, long free, int zone, boolean compound) {
        return String.format(slab, base, objects, inUse, free, flags(zone, compound));
    }

    private String flags(int zone, boolean compound) {
        int bits = zone << ZONE_SHIFT;
        if (!newFlags) {
            return String.format("0x%04x", bits | OLD_SLAB_FLAG | (compound ? OLD_HEAD_FLAG : 0));
        }
        return String.format(
                "0x%x(slab%s|zone=%d)", bits | SLAB_FLAG | (compound ? HEAD_FLAG : 0), compound ? "|head" : "", zone);
    }
}
