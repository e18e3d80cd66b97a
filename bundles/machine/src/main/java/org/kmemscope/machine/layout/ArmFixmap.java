package org.kmemscope.machine.layout;

import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.ground.Profile;

/** The fixmap of ARM. Source: {@code arch/arm/include/asm/fixmap.h}. */
enum ArmFixmap {
    /** Up to 4.2: 0xfff00000 to 0xfffe0000, only for kmap_atomic, counted up from the start. */
    UP(0xfff0_0000L, 0xfffe_0000L) {
        @Override
        Slots slots(KernelConfig config, KernelVersion version) {
            int perCpu = version.isAtLeast(2, 6, 35) ? 16 : 14;
            return new Slots(0, (int) ((end() - start()) >> Profile.PAGE_SHIFT), perCpu, start(), Profile.PAGE_SIZE);
        }

        @Override
        Constants constants(Slots slots, Constants constants) {
            return constants
                    .put("FIXADDR_START", start())
                    .put("FIXADDR_TOP", end())
                    .put("KM_TYPE_NR", slots.perCpu())
                    .put("FIX_KMAP_BEGIN", slots.begin())
                    .put("FIX_KMAP_END", slots.end())
                    .put("fix_to_virt_FIX_KMAP_BEGIN", slots.kmap());
        }

        @Override
        long top() {
            return end();
        }
    },
    /**
     * As of 6.1: 0xffc80000 to 0xfff00000, counted down from the last page; entry 0 is the early console, then the windows of
     * {@code kmap_local} of each CPU.
     */
    DOWN(0xffc8_0000L, 0xfff0_0000L) {
        @Override
        Slots slots(KernelConfig config, KernelVersion version) {
            int perCpu = config.is("DEBUG_KMAP_LOCAL") ? 33 : 16;
            int last = perCpu * I386Fixmap.cpus(config);
            return new Slots(1, last, perCpu, top() - Profile.PAGE_SIZE, -Profile.PAGE_SIZE);
        }

        @Override
        Constants constants(Slots slots, Constants constants) {
            return constants
                    .put("FIXADDR_START", start())
                    .put("FIXADDR_END", end())
                    .put("FIXADDR_TOP", top())
                    .put("KM_MAX_IDX", slots.perCpu())
                    .put("FIX_KMAP_BEGIN", slots.begin())
                    .put("FIX_KMAP_END", slots.end())
                    .put("fix_to_virt_FIX_KMAP_BEGIN", slots.kmap())
                    .put("fix_to_virt_FIX_KMAP_END", top() - (long) slots.end() * Profile.PAGE_SIZE);
        }

        @Override
        long top() {
            return end() - Profile.PAGE_SIZE;
        }
    };

    private final long start;
    private final long end;

    ArmFixmap(long start, long end) {
        this.start = start;
        this.end = end;
    }

    /**
     * Windows for kmap_atomic.
     *
     * @param begin {@code FIX_KMAP_BEGIN}
     * @param end {@code FIX_KMAP_END}: the last window; counting up, one past it
     * @param perCpu windows of one CPU
     * @param kmap address of the first
     * @param step from one to the next, in bytes
     */
    record Slots(int begin, int end, int perCpu, long kmap, int step) {}

    abstract Slots slots(KernelConfig config, KernelVersion version);

    abstract Constants constants(Slots slots, Constants constants);

    /** {@code FIXADDR_TOP}. */
    abstract long top();

    /** First address, as the boot log prints it. */
    long start() {
        return start;
    }

    /** One past the last address. */
    long end() {
        return end;
    }
}
