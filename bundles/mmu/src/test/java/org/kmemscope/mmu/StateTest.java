package org.kmemscope.mmu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.error.KernelException;
import org.kmemscope.api.ground.ArchSpec.Tables;
import org.kmemscope.api.mmu.Protection;
import org.kmemscope.api.state.CopiedState;
import org.kmemscope.api.state.StateReader;

class StateTest {
    private static final long VIRT = 0xf810_0000L;

    /** A step whose result is text, so that two machines can be compared. */
    private static String step(Rig rig, Random random) {
        rig.context.cpu = random.nextInt(2);
        long virt = VIRT + random.nextInt(12) * Rig.PAGE;
        long phys = rig.phys(0x80_0000 + random.nextInt(16) * Rig.PAGE);
        Protection protection = Protection.values()[random.nextInt(3)];
        int kind = random.nextInt(8);
        int value = random.nextInt();
        try {
            return switch (kind) {
                case 0 -> "set " + rig.mmu.setEntry(virt, phys, protection);
                case 1 -> "unmap " + rig.mmu.unmap(virt);
                case 2 -> {
                    rig.mmu.flushLocalPage(virt);
                    yield "flush";
                }
                case 3 -> {
                    rig.mmu.write32(virt + (value & 0xffc), value);
                    yield "write";
                }
                case 4 -> "read linear " + rig.mmu.read32(0xc000_0000L + (value & 0x3ffc));
                default -> "read " + rig.mmu.read32(virt + (value & 0xffc));
            };
        } catch (KernelException e) {
            return e.getMessage();
        }
    }

    private static List<String> steps(Rig rig, long seed, int count) {
        Random random = new Random(seed);
        List<String> results = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            results.add(step(rig, random));
        }
        return results;
    }

    @Property(tries = 60)
    void aCopyAnswersEveryCallAlike(@ForAll Tables tables, @ForAll long seed) {
        Rig rig = Rig.of(tables).tlbEntries(8).build();
        rig.mmu.mapLarge(0xc000_0000L, rig.phys(0), Protection.KERNEL);
        steps(rig, seed, 150);
        CopiedState state = new CopiedState();
        rig.mmu.save(state);
        rig.ram.save(state);
        // the copy begins with another table, taken from another place
        Rig copy = Rig.of(tables)
                .tlbEntries(8)
                .frames((int) (rig.phys(0x300_0000) >>> 12))
                .build();
        assertThat(copy.mmu.kernelTable()).isNotEqualTo(rig.mmu.kernelTable());
        StateReader saved = state.reader();
        copy.mmu.restore(saved);
        copy.ram.restore(saved);
        copy.frames.left = 0;
        rig.frames.left = 0;
        assertThat(copy.mmu.kernelTable()).isEqualTo(rig.mmu.kernelTable());
        assertThat(copy.mmu.tlb(1)).isEqualTo(rig.mmu.tlb(1));
        assertThat(steps(copy, seed + 1, 150)).isEqualTo(steps(rig, seed + 1, 150));
        assertThat(copy.mmu.counters()).isEqualTo(rig.mmu.counters());
        assertThat(copy.mmu.tlb(0)).isEqualTo(rig.mmu.tlb(0));
        assertThat(copy.problems()).isEmpty();
    }

    @Test
    void stateOfOtherTlbsIsRefused() {
        Rig rig = Rig.of(Tables.I386_PAE).tlbEntries(8).build();
        CopiedState state = new CopiedState();
        rig.mmu.save(state);
        Rig other = Rig.of(Tables.I386_PAE).tlbEntries(16).build();
        assertThatThrownBy(() -> other.mmu.restore(state.reader())).isInstanceOf(IllegalStateException.class);
    }
}
