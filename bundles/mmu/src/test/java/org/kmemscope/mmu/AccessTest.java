package org.kmemscope.mmu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.error.BusError;
import org.kmemscope.api.error.KernelOops;
import org.kmemscope.api.ground.ArchSpec.Tables;
import org.kmemscope.api.mmu.Protection;

class AccessTest {
    private static final long VIRT = 0xf810_0000L;
    private static final int PAGES = 5;
    private Rig rig;

    /** Five pages, mapped to frames in reverse order; then a read-only page, then nothing. */
    @BeforeEach
    void mapPages() {
        rig = Rig.of(Tables.I386_PAE).tlbEntries(4).build();
        map(rig);
        rig.mmu.map(VIRT + PAGES * Rig.PAGE, 0x50_0000, Protection.KERNEL_RO);
    }

    private static void map(Rig rig) {
        for (int page = 0; page < PAGES; page++) {
            rig.mmu.map(VIRT + page * Rig.PAGE, rig.phys(frame(page)), Protection.KERNEL);
        }
    }

    private static long frame(long page) {
        return 0x40_0000 + (PAGES - page) * 3 * Rig.PAGE;
    }

    @Test
    void wordsAcrossPagesAreInBothFrames() {
        rig.mmu.write64(VIRT + Rig.PAGE - 3, 0x8877_6655_4433_2211L);
        assertThat(rig.ram.read32(frame(0) + Rig.PAGE - 4)).isEqualTo(0x3322_1100);
        assertThat(rig.ram.read64(frame(1))).isEqualTo(0x88_7766_5544L);
        assertThat(rig.mmu.read64(VIRT + Rig.PAGE - 3)).isEqualTo(0x8877_6655_4433_2211L);
        assertThat(rig.mmu.read32(VIRT + Rig.PAGE - 1)).isEqualTo(0x6655_4433);
        assertThat(rig.mmu.read16(VIRT + Rig.PAGE - 1)).isEqualTo(0x4433);
        rig.mmu.write16(VIRT + Rig.PAGE - 1, 0xaabb);
        rig.mmu.write32(VIRT + 2 * Rig.PAGE - 1, 0x1234_5678);
        assertThat(rig.mmu.read8(VIRT + Rig.PAGE)).isEqualTo(0xaa);
        assertThat(rig.mmu.read32(VIRT + 2 * Rig.PAGE - 1)).isEqualTo(0x1234_5678);
    }

    @Test
    void aWordThatCrossesIntoAPageThatFaultsWritesNothing() {
        long end = VIRT + PAGES * Rig.PAGE;
        KernelOops oops = catchThrowableOfType(KernelOops.class, () -> rig.mmu.write32(end - 1, -1));
        assertThat(oops.address()).isEqualTo(end);
        assertThat(rig.mmu.read8(end - 1)).isZero();
        assertThatThrownBy(() -> rig.mmu.read64(end + Rig.PAGE - 4)).isInstanceOf(KernelOops.class);
    }

    @Test
    void addressesWrapAsPointersDo() {
        assertThat(rig.mmu.read32(VIRT - (1L << 32))).isEqualTo(rig.mmu.read32(VIRT));
        rig.mmu.map(0xffff_f000L, 0x60_0000, Protection.KERNEL);
        KernelOops oops = catchThrowableOfType(KernelOops.class, () -> rig.mmu.read32(0xffff_fffeL));
        assertThat(oops.address()).isZero();
    }

    @Test
    void bulkWritesThatFaultWriteNothing() {
        byte[] bytes = new byte[2 * (int) Rig.PAGE];
        java.util.Arrays.fill(bytes, (byte) 9);
        long start = VIRT + (PAGES - 1) * Rig.PAGE;
        assertThatThrownBy(() -> rig.mmu.write(start, bytes, 0, bytes.length)).isInstanceOf(KernelOops.class);
        assertThatThrownBy(() -> rig.mmu.fill(start, bytes.length, 9)).isInstanceOf(KernelOops.class);
        assertThat(rig.mmu.read64(start)).isZero();
    }

    /** More pages than the TLB holds: the frames found first are the ones written, even if a mapping is gone by now. */
    @Test
    void bulkWritesGoWhereTheirCheckWentThoughATlbEntryIsStale() {
        rig = Rig.of(Tables.I386_PAE).tlbEntries(4).build();
        map(rig);
        rig.mmu.read8(VIRT);
        rig.mmu.unmap(VIRT);
        rig.mmu.fill(VIRT, PAGES * Rig.PAGE, 0x5a);
        for (int page = 0; page < PAGES; page++) {
            assertThat(rig.ram.read8(frame(page) + 7)).isEqualTo(0x5a);
        }
        rig.mmu.map(VIRT, frame(0), Protection.KERNEL);
        rig.mmu.read8(VIRT);
        rig.mmu.unmap(VIRT);
        rig.mmu.write(VIRT, new byte[PAGES * (int) Rig.PAGE], 0, PAGES * (int) Rig.PAGE);
        for (int page = 0; page < PAGES; page++) {
            assertThat(rig.ram.read8(frame(page) + 7)).isZero();
        }
        assertThatThrownBy(() -> rig.mmu.read8(VIRT)).isInstanceOf(KernelOops.class);
    }

    @Test
    void stringsGoOnInTheNextPage() {
        byte[] text = "grüße\0x".getBytes(StandardCharsets.ISO_8859_1);
        rig.mmu.write(VIRT + Rig.PAGE - 3, text, 0, text.length);
        assertThat(rig.mmu.readString(VIRT + Rig.PAGE - 3, 100)).isEqualTo("grüße");
        assertThat(rig.mmu.readString(VIRT + Rig.PAGE - 3, 2)).isEqualTo("gr");
    }

    @Test
    void aStringFaultsOnlyIfItReachesTheHole() {
        long end = VIRT + (PAGES + 1) * Rig.PAGE;
        rig.ram.write8(0x50_0000 + Rig.PAGE - 2, 'a');
        assertThat(rig.mmu.readString(end - 2, 100)).isEqualTo("a");
        rig.ram.write8(0x50_0000 + Rig.PAGE - 1, 'b');
        assertThatThrownBy(() -> rig.mmu.readString(end - 2, 100)).isInstanceOf(KernelOops.class);
        assertThat(rig.mmu.readString(end - 2, 2)).isEqualTo("ab");
    }

    @Test
    void devicesAnswerThroughTheirMapping() {
        rig.mmu.map(0xf900_0000L, rig.registers.base(), Protection.NOCACHE);
        rig.mmu.write32(0xf900_0008L, 0x1234_5678);
        assertThat(rig.registers.values[2]).isEqualTo(0x1234_5678);
        assertThat(rig.mmu.read32(0xf900_0008L)).isEqualTo(0x1234_5678);
        assertThatThrownBy(() -> rig.mmu.read8(0xf900_0008L)).isInstanceOf(BusError.class);
        assertThatThrownBy(() -> rig.mmu.fill(0xf900_0000L, 4, 0)).isInstanceOf(BusError.class);
    }

    @Test
    void aBulkWriteThatEndsInADeviceWritesNothing() {
        long before = VIRT + 0x10_0000;
        rig.mmu.map(before, 0x60_0000, Protection.KERNEL);
        rig.mmu.map(before + Rig.PAGE, rig.registers.base(), Protection.NOCACHE);
        assertThatThrownBy(() -> rig.mmu.fill(before + 8, Rig.PAGE, 1)).isInstanceOf(BusError.class);
        assertThatThrownBy(() -> rig.mmu.write32(before + Rig.PAGE - 2, -1)).isInstanceOf(BusError.class);
        assertThat(rig.mmu.read64(before + 8)).isZero();
        assertThat(rig.mmu.read32(before + Rig.PAGE - 4)).isZero();
    }

    @Test
    void emptyBulkAccessesTouchNothing() {
        rig.mmu.fill(0, 0, 1);
        rig.mmu.write(0, new byte[0], 0, 0);
        rig.mmu.read(0, new byte[0], 0, 0);
        assertThat(rig.mmu.readString(0, 0)).isEmpty();
        assertThatThrownBy(() -> rig.mmu.read(VIRT, new byte[4], 2, 3)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Property(tries = 200)
    void randomAccessesAgreeWithAnArray(@ForAll Tables tables, @ForAll long seed) {
        Rig any = Rig.of(tables).tlbEntries(4).build();
        map(any);
        byte[] model = new byte[PAGES * (int) Rig.PAGE];
        Random random = new Random(seed);
        for (int i = 0; i < 300; i++) {
            int bytes = 1 << random.nextInt(4);
            // mostly near the borders of pages
            int at = random.nextBoolean()
                    ? random.nextInt(model.length - 8)
                    : (1 + random.nextInt(PAGES - 1)) * (int) Rig.PAGE - random.nextInt(8);
            if (random.nextInt(10) == 0) {
                byte[] block = new byte[random.nextInt(model.length - at)];
                random.nextBytes(block);
                any.mmu.write(VIRT + at, block, 0, block.length);
                System.arraycopy(block, 0, model, at, block.length);
            } else if (random.nextBoolean()) {
                long value = random.nextLong();
                write(any, VIRT + at, bytes, value);
                for (int b = 0; b < bytes; b++) {
                    model[at + b] = (byte) (value >>> 8 * b);
                }
            } else {
                long expected = 0;
                for (int b = 0; b < bytes; b++) {
                    expected |= (model[at + b] & 0xffL) << 8 * b;
                }
                assertThat(read(any, VIRT + at, bytes)).isEqualTo(expected);
            }
        }
        byte[] all = new byte[model.length];
        any.mmu.read(VIRT, all, 0, all.length);
        assertThat(all).isEqualTo(model);
    }

    private static void write(Rig rig, long at, int bytes, long value) {
        switch (bytes) {
            case 1 -> rig.mmu.write8(at, (int) value);
            case 2 -> rig.mmu.write16(at, (int) value);
            case 4 -> rig.mmu.write32(at, (int) value);
            default -> rig.mmu.write64(at, value);
        }
    }

    private static long read(Rig rig, long at, int bytes) {
        return switch (bytes) {
            case 1 -> rig.mmu.read8(at);
            case 2 -> rig.mmu.read16(at);
            case 4 -> Integer.toUnsignedLong(rig.mmu.read32(at));
            default -> rig.mmu.read64(at);
        };
    }
}
