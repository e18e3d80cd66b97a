package org.kmemscope.highmem;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.kmemscope.api.ground.KernelVersion;

/**
 * {@code enum km_type}: the purposes for which each CPU has an atomic window, up to 2.6.36.
 *
 * @param names in the order of the enum
 */
record KmTypes(List<String> names) {
    /** Windows are a stack. */
    static final KmTypes NONE = new KmTypes(List.of());

    private static final List<String> COMMON = List.of(
            "KM_BOUNCE_READ",
            "KM_SKB_SUNRPC_DATA",
            "KM_SKB_DATA_SOFTIRQ",
            "KM_USER0",
            "KM_USER1",
            "KM_BIO_SRC_IRQ",
            "KM_BIO_DST_IRQ",
            "KM_PTE0",
            "KM_PTE1",
            "KM_IRQ0",
            "KM_IRQ1",
            "KM_SOFTIRQ0",
            "KM_SOFTIRQ1");
    private static final List<String> SINCE_2_6_31 =
            List.of("KM_SYNC_ICACHE", "KM_SYNC_DCACHE", "KM_UML_USERCOPY", "KM_IRQ_PTE", "KM_NMI", "KM_NMI_PTE");

    private static final Set<String> IN_HARDIRQ =
            Set.of("KM_IRQ0", "KM_IRQ1", "KM_BIO_SRC_IRQ", "KM_BIO_DST_IRQ", "KM_BOUNCE_READ", "KM_IRQ_PTE");
    private static final Set<String> IN_SOFTIRQ = Set.of(
            "KM_IRQ0",
            "KM_IRQ1",
            "KM_SOFTIRQ0",
            "KM_SOFTIRQ1",
            "KM_SKB_SUNRPC_DATA",
            "KM_SKB_DATA_SOFTIRQ",
            "KM_BOUNCE_READ");
    private static final Set<String> WITH_IRQS_OFF = Set.of(
            "KM_IRQ0",
            "KM_IRQ1",
            "KM_BOUNCE_READ",
            "KM_BIO_SRC_IRQ",
            "KM_BIO_DST_IRQ",
            "KM_IRQ_PTE",
            "KM_NMI",
            "KM_NMI_PTE");
    private static final Set<String> WITH_SOFTIRQS_OFF = Set.of("KM_SOFTIRQ0", "KM_SOFTIRQ1");

    static KmTypes of(KernelVersion version, boolean arm) {
        List<String> names = new ArrayList<>(COMMON);
        if (arm) {
            names.addAll(
                    version.isAtLeast(2, 6, 35)
                            ? List.of("KM_L1_CACHE", "KM_L2_CACHE", "KM_KDB")
                            : List.of("KM_L2_CACHE"));
        } else {
            if (version.isAtLeast(2, 6, 31)) {
                names.addAll(SINCE_2_6_31);
            }
            if (version.isAtLeast(2, 6, 35)) {
                names.add("KM_KDB");
            }
        }
        return new KmTypes(List.copyOf(names));
    }

    /**
     * The number of a purpose.
     *
     * @throws IllegalArgumentException with one line, as a compiler would refuse it
     */
    int number(String name) {
        int number = names.indexOf(name);
        if (number < 0) {
            throw new IllegalArgumentException(
                    "'" + name + "' is no kmap_atomic slot of this kernel; there are " + String.join(", ", names));
        }
        return number;
    }

    /**
     * {@code debug_kmap_atomic()}: whether a purpose is meant for where it is used. In an interrupt only some are; and those of
     * interrupts need interrupts off, or they could be taken twice.
     */
    static boolean fits(String name, boolean hardirq, boolean interrupt, boolean irqsOff) {
        if (hardirq && !IN_HARDIRQ.contains(name)) {
            return false;
        }
        if (interrupt && !hardirq && !irqsOff && !IN_SOFTIRQ.contains(name)) {
            return false;
        }
        if (WITH_IRQS_OFF.contains(name)) {
            return irqsOff;
        }
        return !WITH_SOFTIRQS_OFF.contains(name) || interrupt || irqsOff;
    }
}
