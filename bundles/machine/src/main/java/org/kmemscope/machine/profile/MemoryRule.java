package org.kmemscope.machine.profile;

import static org.kmemscope.api.ground.MemoryRegion.Kind.DEVICE;
import static org.kmemscope.api.ground.MemoryRegion.Kind.RAM;
import static org.kmemscope.api.ground.MemoryRegion.Kind.RESERVED;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.ground.MemoryRegion;

/**
 * Memory maps that follow from the size alone, by the name they have in profiles.
 *
 * <p>A PC, as its firmware reports it (e820). {@code top} is the end of RAM below 4 GiB:
 * <pre>
 *  0        9fc00  a0000   c0000     f0000   1M                  top              fec00000      4G
 *  |  RAM    |EBDA  | video | ROMs    | BIOS  |  RAM        |ACPI |   PCI window   | APICs |BIOS| RAM above
 * </pre>
 * The end of the first piece is no page boundary, and the kernel drops the broken page.
 *
 * <p>Source: {@code pc_init1()} and {@code pc_memory_init()} of QEMU's i440fx machine, SeaBIOS (which keeps 128 KiB of ACPI tables
 * at the top), and {@code virt.c} for ARM; checked against {@code /proc/iomem} of the captured kernels.
 */
enum MemoryRule implements MemoryMap {
    /** QEMU's {@code -M pc}: with 3.5 GiB and more, RAM is split at 3 GiB, and the rest begins at 4 GiB. */
    QEMU_PC("qemu-pc") {
        @Override
        public List<MemoryRegion> regions(long size) {
            long low = size >= PCI_WINDOW ? Math.min(size, QEMU_SPLIT) : size;
            return pc(low, size - low, ACPI_TABLES);
        }
    },
    /** A PC as textbooks have it: firmware takes nothing from the top, and the PCI window begins at 3.5 GiB. */
    PC("pc") {
        @Override
        public List<MemoryRegion> regions(long size) {
            long low = Math.min(size, PCI_WINDOW);
            return pc(low, size - low, 0);
        }
    },
    /** QEMU's {@code -M virt} for ARM: RAM in one piece from 1 GiB on. */
    ARM_VIRT("arm-virt") {
        @Override
        public List<MemoryRegion> regions(long size) {
            return List.of(
                    new MemoryRegion(0x0900_0000L, 0x0900_1000L, DEVICE, "pl011@9000000"),
                    new MemoryRegion(0x0901_0000L, 0x0901_1000L, DEVICE, "pl031@9010000"),
                    new MemoryRegion(0x0903_0000L, 0x0903_1000L, DEVICE, "pl061@9030000"),
                    new MemoryRegion(GIB, GIB + size, RAM, SYSTEM_RAM));
        }
    };

    /** The name of RAM in {@code /proc/iomem}. */
    static final String SYSTEM_RAM = "System RAM";

    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;
    private static final long BASE_MEMORY_END = 0x9_fc00;
    private static final long ACPI_TABLES = 128 << 10;
    private static final long QEMU_SPLIT = 3 * GIB;
    private static final long PCI_WINDOW = 0xe000_0000L;
    private static final long FOUR_GIB = 4 * GIB;

    private final String label;

    MemoryRule(String label) {
        this.label = label;
    }

    /** The rule of a name. */
    static Optional<MemoryRule> of(String name) {
        return Arrays.stream(values()).filter(rule -> rule.label.equals(name)).findFirst();
    }

    /** The names of all rules. */
    static List<String> names() {
        return Arrays.stream(values()).map(rule -> rule.label).toList();
    }

    @Override
    public long defaultSize() {
        return 0;
    }

    private static List<MemoryRegion> pc(long below, long above, long acpi) {
        List<MemoryRegion> map = new ArrayList<>();
        map.add(new MemoryRegion(0, BASE_MEMORY_END, RAM, SYSTEM_RAM));
        map.add(new MemoryRegion(BASE_MEMORY_END, 0xa_0000, RESERVED, "reserved"));
        map.add(new MemoryRegion(0xa_0000, 0xc_0000, DEVICE, "Video RAM area"));
        map.add(new MemoryRegion(0xc_0000, 0xc_9c00, DEVICE, "Video ROM"));
        map.add(new MemoryRegion(0xc_a000, 0xc_a600, DEVICE, "Adapter ROM"));
        map.add(new MemoryRegion(0xf_0000, MIB, RESERVED, "reserved"));
        map.add(new MemoryRegion(MIB, below - acpi, RAM, SYSTEM_RAM));
        if (acpi > 0) {
            map.add(new MemoryRegion(below - acpi, below, RESERVED, "reserved"));
        }
        map.add(new MemoryRegion(0xfec0_0000L, 0xfec0_0400L, DEVICE, "IOAPIC 0"));
        map.add(new MemoryRegion(0xfed0_0000L, 0xfed0_0400L, DEVICE, "HPET 0"));
        map.add(new MemoryRegion(0xfee0_0000L, 0xfee0_1000L, DEVICE, "Local APIC"));
        map.add(new MemoryRegion(0xfffc_0000L, FOUR_GIB, RESERVED, "reserved"));
        if (above > 0) {
            map.add(new MemoryRegion(FOUR_GIB, FOUR_GIB + above, RAM, SYSTEM_RAM));
        }
        return map;
    }
}
