package org.kmemscope.mmu;

import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.phys.MmioDevice;
import org.kmemscope.api.phys.PhysicalMemory;

/**
 * Checks page tables against the memory below them.
 *
 * <ol>
 *   <li>Every table lies in RAM, and no frame holds two.
 *   <li>Every mapping leads to RAM, to registers, or at least to an address that the format can tell.
 *   <li>What Linux keeps beside a hardware entry says the same.
 * </ol>
 */
final class TableCheck implements PageTables.Visitor {
    private static final int OFFSET_MASK = Profile.PAGE_SIZE - 1;

    private final TableFormat format;
    private final PhysicalMemory ram;
    private final Verification report;
    private final int last;
    private long previousTable = -1;
    private long entries;

    private TableCheck(TableFormat format, PhysicalMemory ram, Verification report) {
        this.format = format;
        this.ram = ram;
        this.report = report;
        last = format.levels() - 1;
    }

    static void run(PageTables tables, PhysicalMemory ram, Verification report) {
        TableFormat format = tables.format();
        int order = format.shape().topOrder();
        TableCheck check = new TableCheck(format, ram, report);
        check.claim(tables.top(), 1 << order, "the top page table");
        tables.visit(check);
        report.checked(check.entries);
    }

    @Override
    public boolean entry(int level, long at, long step, long virt) {
        entries++;
        long address = step & Translation.ADDRESS;
        if (level == last && !format.agreesWithLinux(ram, at)) {
            report.problem(
                    "mmu: the hardware entry of 0x%08x at 0x%x is 0x%x, which does not follow from Linux's",
                    virt, at, format.read(ram, at));
        }
        if ((step & Translation.PAGE) != 0) {
            checkMapping(level, at, address, virt);
            return false;
        }
        if ((step & Translation.TABLE) != 0) {
            return checkTable(level, at, address, virt);
        }
        return false;
    }

    private void checkMapping(int level, long at, long address, long virt) {
        long size = format.span(level);
        boolean reachable = address + size <= 1L << format.shape().physicalBits();
        if (!reachable && !ram.isRam(address, size) && !isDevice(address, size)) {
            report.problem(
                    "mmu: %s of 0x%08x at 0x%x leads to 0x%x, where no memory can be",
                    format.levelName(level), virt, at, address);
        }
    }

    private boolean checkTable(int level, long at, long address, long virt) {
        long frame = address & ~OFFSET_MASK;
        if (frame == previousTable) {
            return true;
        }
        previousTable = frame;
        return claim(frame, 1, String.format("the table of %s 0x%08x at 0x%x", format.levelName(level), virt, at));
    }

    private boolean claim(long address, int frames, String what) {
        if (!ram.isRam(address, (long) frames << Profile.PAGE_SHIFT)) {
            report.problem("mmu: %s is at 0x%x, where there is no RAM", what, address);
            return false;
        }
        report.claim((int) (address >>> Profile.PAGE_SHIFT), frames, "page table");
        return true;
    }

    private boolean isDevice(long address, long size) {
        for (MmioDevice device : ram.devices()) {
            if (address < device.base() + device.size() && device.base() < address + size) {
                return true;
            }
        }
        return false;
    }
}
