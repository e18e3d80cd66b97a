package org.kmemscope.machine.layout;

import java.util.List;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.ArchSpec.Arch;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.ground.Profile;

/**
 * Computes the address space of a machine. The only place that looks at versions: each line of the table holds from its version on, until
 * the next line of the same architecture. Captured are 2.6.24, 2.6.29, 2.6.32, 2.6.38, 3.0 to 3.4 and 6.1 on i386, and 3.0, 3.2, 3.4 to
 * 3.8 and 6.1 on ARM; between them the table follows the kernel's history.
 */
public final class Layouts {
    private static final List<Entry> TABLE = List.of(
            i386(
                    2,
                    6,
                    24,
                    I386Fixmap.V2_6_24,
                    I386TopArea.CLASSIC,
                    I386Lowmem.Era.TEXTBOOK,
                    I386Layout.Reserve.FROM_4G),
            i386(
                    2,
                    6,
                    26,
                    I386Fixmap.V2_6_26,
                    I386TopArea.CLASSIC,
                    I386Lowmem.Era.TEXTBOOK,
                    I386Layout.Reserve.FROM_4G),
            i386(2, 6, 27, I386Fixmap.V2_6_26, I386TopArea.CLASSIC, I386Lowmem.Era.CLASSIC, I386Layout.Reserve.FROM_4G),
            i386(2, 6, 29, I386Fixmap.V2_6_29),
            i386(2, 6, 31, I386Fixmap.V2_6_31),
            i386(2, 6, 35, I386Fixmap.V2_6_35),
            i386(
                    4,
                    15,
                    0,
                    I386Fixmap.V6_1,
                    I386TopArea.ENTRY_AREA,
                    I386Lowmem.Era.CLASSIC,
                    I386Layout.Reserve.FROM_VMALLOC_END),
            arm(2, 6, 24, ArmVmalloc.BOARD, ArmFixmap.UP, ArmLayout.Log.WITH_DMA),
            arm(3, 2, 0, ArmVmalloc.BOARD, ArmFixmap.UP, ArmLayout.Log.TEXT_FIRST),
            arm(3, 3, 0, ArmVmalloc.COMMON, ArmFixmap.UP, ArmLayout.Log.TEXT_FIRST),
            arm(4, 3, 0, ArmVmalloc.MODERN, ArmFixmap.DOWN, ArmLayout.Log.TEXT_FIRST));

    private Layouts() {}

    private record Entry(Arch arch, KernelVersion from, LayoutRule rule) {}

    /**
     * The address space of a machine.
     *
     * @throws IllegalArgumentException with one line, if its kernel could not boot, or is older than what is known
     */
    public static AddressLayout of(Profile profile) {
        return rule(profile.arch().arch(), profile.kernel().version()).layout(profile);
    }

    private static LayoutRule rule(Arch arch, KernelVersion version) {
        return TABLE.stream()
                .filter(entry -> entry.arch == arch && version.compareTo(entry.from) >= 0)
                .reduce((older, newer) -> newer)
                .orElseThrow(() -> new IllegalArgumentException(
                        "kernel " + version + " is too old: rules are known from 2.6.24 on"))
                .rule;
    }

    private static Entry i386(int major, int minor, int patch, I386Fixmap fixmap) {
        return i386(
                major,
                minor,
                patch,
                fixmap,
                I386TopArea.CLASSIC,
                I386Lowmem.Era.CLASSIC,
                I386Layout.Reserve.FROM_VMALLOC_END);
    }

    private static Entry i386(
            int major,
            int minor,
            int patch,
            I386Fixmap fixmap,
            I386TopArea top,
            I386Lowmem.Era lowmem,
            I386Layout.Reserve reserve) {
        LayoutRule rule = new I386Layout(fixmap, top, lowmem, reserve);
        return new Entry(Arch.I386, new KernelVersion(major, minor, patch), rule);
    }

    private static Entry arm(int major, int minor, int patch, ArmVmalloc vmalloc, ArmFixmap fixmap, ArmLayout.Log log) {
        return new Entry(Arch.ARM, new KernelVersion(major, minor, patch), new ArmLayout(vmalloc, fixmap, log));
    }
}
