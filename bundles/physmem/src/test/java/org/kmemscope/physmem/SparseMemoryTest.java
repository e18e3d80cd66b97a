package org.kmemscope.physmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.error.BusError;
import org.kmemscope.api.phys.MmioDevice;
import org.kmemscope.api.phys.RamRange;
import org.kmemscope.api.state.CopiedState;

class SparseMemoryTest {
    private static final long GIB = 1L << 30;
    private static final long BORDER = 0x9fc00;
    private final SparseMemory ram =
            new SparseMemory(List.of(new RamRange(0, BORDER), new RamRange(0x100000, 64 * GIB)));

    @Test
    void sixtyFourGibibytesCostOnlyWhatIsTouched() {
        assertThat(ram.read64(63 * GIB)).isZero();
        assertThat(ram.residentBytes()).isZero();
        ram.write8(63 * GIB, 1);
        assertThat(ram.residentBytes()).isLessThanOrEqualTo(64 * 1024);
    }

    @Test
    void wordsAreLittleEndianAndMayCrossChunks() {
        for (long at : new long[] {0x200000, 0x203fff, 0x203ffd, 0x203ffe, 0x203ff9}) {
            ram.write64(at, 0x8877_6655_4433_2211L);
            assertThat(ram.read8(at)).isEqualTo(0x11);
            assertThat(ram.read16(at)).isEqualTo(0x2211);
            assertThat(ram.read32(at + 1)).isEqualTo(0x5544_3322);
            assertThat(ram.read64(at)).isEqualTo(0x8877_6655_4433_2211L);
            ram.write32(at, -1);
            ram.write16(at, 0x1234);
            assertThat(ram.read64(at)).isEqualTo(0x8877_6655_ffff_1234L);
        }
    }

    @Test
    void bordersAreExactToTheByte() {
        ram.write8(BORDER - 1, 7);
        assertThat(ram.read8(BORDER - 1)).isEqualTo(7);
        assertThatThrownBy(() -> ram.read8(BORDER)).isInstanceOf(BusError.class).hasMessageContaining("0x0009fc00");
        assertThatThrownBy(() -> ram.write32(BORDER - 2, 0)).isInstanceOf(BusError.class);
        assertThatThrownBy(() -> ram.read8(64 * GIB)).isInstanceOf(BusError.class);
        assertThatThrownBy(() -> ram.read8(1L << 50)).isInstanceOf(BusError.class);
    }

    @Test
    void bulkAcrossABorderChangesNothing() {
        ram.write8(BORDER - 16, 5);
        assertThatThrownBy(() -> ram.fill(BORDER - 16, 32, 0xff)).isInstanceOf(BusError.class);
        assertThatThrownBy(() -> ram.write(BORDER - 16, new byte[32], 0, 32)).isInstanceOf(BusError.class);
        assertThat(ram.read8(BORDER - 16)).isEqualTo(5);
        assertThat(ram.read8(BORDER - 15)).isZero();
    }

    @Test
    void zeroingWholeChunksGivesTheirMemoryBack() {
        ram.fill(0x200000, 0x100000, 0xaa);
        assertThat(ram.residentBytes()).isEqualTo(0x100000);
        ram.fill(0x200000, 0x100000, 0);
        assertThat(ram.residentBytes()).isZero();
        assertThat(ram.read32(0x280000)).isZero();
    }

    @Test
    void overlappingCopiesKeepTheBytes() {
        byte[] bytes = new byte[50_000];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31);
        }
        ram.write(0x200000, bytes, 0, bytes.length);
        ram.copy(0x200000, 0x200123, bytes.length);
        byte[] back = new byte[bytes.length];
        ram.read(0x200123, back, 0, back.length);
        assertThat(back).isEqualTo(bytes);
        ram.copy(0x200123, 0x200001, bytes.length);
        ram.read(0x200001, back, 0, back.length);
        assertThat(back).isEqualTo(bytes);
    }

    @Test
    void stringsEndAtTheirNul() {
        ram.write(0x200000, new byte[] {'a', 'b', 0, 'c'}, 0, 4);
        assertThat(ram.readString(0x200000, 100)).isEqualTo("ab");
        assertThat(ram.readString(0x200000, 1)).isEqualTo("a");
    }

    @Test
    void deviceRegistersAnswerAlignedWordsOnly() {
        int[] register = new int[4];
        ram.addDevice(new MmioDevice() {
            @Override
            public String name() {
                return "dma0";
            }

            @Override
            public long base() {
                return BORDER + 0x400;
            }

            @Override
            public long size() {
                return 16;
            }

            @Override
            public int read32(long offset) {
                return register[(int) offset / 4];
            }

            @Override
            public void write32(long offset, int value) {
                register[(int) offset / 4] = value;
            }
        });
        ram.write32(BORDER + 0x404, 42);
        assertThat(ram.read32(BORDER + 0x404)).isEqualTo(42);
        assertThatThrownBy(() -> ram.read8(BORDER + 0x404)).hasMessageContaining("dma0");
        assertThatThrownBy(() -> ram.addDevice(ram.devices().get(0))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void copiesShareUntilOneWrites() {
        ram.write32(0x200000, 1);
        ram.write8(BORDER - 1, 1);
        CopiedState state = new CopiedState();
        ram.save(state);
        SparseMemory copy = new SparseMemory(ram.ranges());
        copy.restore(state.reader());
        ram.write32(0x200000, 2);
        copy.write32(0x200004, 3);
        copy.write8(BORDER - 1, 9);
        assertThat(ram.read64(0x200000)).isEqualTo(2);
        assertThat(copy.read64(0x200000)).isEqualTo(0x3_0000_0001L);
        assertThat(ram.read8(BORDER - 1)).isEqualTo(1);
        assertThat(copy.read8(BORDER - 1)).isEqualTo(9);
    }

    @Property(tries = 300)
    void randomAccessesAgreeWithAMapOfBytes(@ForAll @LongRange(min = 0, max = 0x7fff_ffff) long seed) {
        SparseMemory memory = new SparseMemory(List.of(new RamRange(0x1000, 0x8400), new RamRange(0xc000, 0x20000)));
        Map<Long, Integer> model = new HashMap<>();
        java.util.Random random = new java.util.Random(seed);
        for (int i = 0; i < 300; i++) {
            long at = random.nextInt(0x20010);
            int bytes = 1 << random.nextInt(4);
            long value = random.nextLong();
            boolean inside = inside(at, bytes);
            try {
                if (random.nextBoolean()) {
                    write(memory, at, bytes, value);
                    for (int b = 0; b < bytes; b++) {
                        model.put(at + b, (int) (value >>> (8 * b)) & 0xff);
                    }
                } else {
                    long expected = 0;
                    for (int b = 0; b < bytes; b++) {
                        expected |= (long) model.getOrDefault(at + b, 0) << (8 * b);
                    }
                    assertThat(read(memory, at, bytes)).isEqualTo(expected);
                }
                assertThat(inside).as("access at 0x%x of %d bytes", at, bytes).isTrue();
            } catch (BusError e) {
                assertThat(inside).as("%s", e.getMessage()).isFalse();
            }
        }
    }

    private static boolean inside(long at, int bytes) {
        return at >= 0x1000 && at + bytes <= 0x8400 || at >= 0xc000 && at + bytes <= 0x20000;
    }

    private static void write(SparseMemory memory, long at, int bytes, long value) {
        switch (bytes) {
            case 1 -> memory.write8(at, (int) value);
            case 2 -> memory.write16(at, (int) value);
            case 4 -> memory.write32(at, (int) value);
            default -> memory.write64(at, value);
        }
    }

    private static long read(SparseMemory memory, long at, int bytes) {
        return switch (bytes) {
            case 1 -> memory.read8(at);
            case 2 -> memory.read16(at);
            case 4 -> Integer.toUnsignedLong(memory.read32(at));
            default -> memory.read64(at);
        };
    }
}
