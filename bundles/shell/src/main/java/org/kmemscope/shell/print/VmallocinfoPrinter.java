package org.kmemscope.shell.print;

import java.util.List;
import java.util.Locale;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.view.VmapAreaView;

/**
 * {@code /proc/vmallocinfo} ({@code s_show()} in mm/vmalloc.c). The file exists from 2.6.28 on; for older kernels it is what they would
 * print. Addresses are printed in full, as with {@code no_hash_pointers}.
 */
public final class VmallocinfoPrinter {
    private VmallocinfoPrinter() {}

    /**
     * The text of the file.
     *
     * @param wide whether {@code phys_addr_t} has 64 bits
     */
    public static String text(KernelVersion version, List<VmapAreaView> areas, boolean wide) {
        // "%lx", then "%llx"; "%pa" (with 0x and every digit of the type) from 4.14 on
        String phys = version.isAtLeast(4, 14) ? wide ? " phys=0x%016x" : " phys=0x%08x" : " phys=%x";
        StringBuilder out = new StringBuilder();
        for (VmapAreaView area : areas) {
            out.append(String.format(
                    Locale.ROOT, "0x%08x-0x%08x %7d", area.start(), area.end(), area.end() - area.start()));
            if (!area.caller().isEmpty()) {
                out.append(' ').append(area.caller());
            }
            if (area.pages() > 0) {
                out.append(" pages=").append(area.pages());
            }
            if (area.phys() >= 0) {
                out.append(String.format(Locale.ROOT, phys, area.phys()));
            }
            out.append(' ').append(area.kind().label()).append('\n');
        }
        return out.toString();
    }
}
