package org.kmemscope.vmalloc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.mmu.Protection;
import org.kmemscope.api.view.VmapAreaView;
import org.kmemscope.api.view.VmapAreaView.Kind;
import org.kmemscope.api.vmalloc.Vmalloc;
import org.kmemscope.api.vmalloc.VmallocState;
import org.kmemscope.api.vmalloc.VmallocState.FreeRange;

/** What one machine tells of its areas, another takes over and goes on from. */
class RecordedStateTest {
    private static final int PAGE = Profile.PAGE_SIZE;

    private static List<Long> use(Vmalloc vmalloc, long seed, int steps) {
        Random random = new Random(seed);
        List<Long> live = new ArrayList<>();
        List<Long> answers = new ArrayList<>();
        for (int step = 0; step < steps; step++) {
            if (live.isEmpty() || random.nextInt(100) < 60) {
                long size = 1 + random.nextInt(60 * PAGE);
                long address = random.nextBoolean()
                        ? vmalloc.vmalloc(size)
                        : vmalloc.ioremap(0xf000_0000L + (long) step * PAGE, size);
                answers.add(address);
                live.add(address);
            } else {
                vmalloc.vunmap(live.remove(random.nextInt(live.size())));
            }
            if (step % 100 == 99) {
                vmalloc.purge();
            }
        }
        return answers;
    }

    /** Aligned requests show whether the tree of free ranges has the same shape. */
    @ParameterizedTest
    @ValueSource(strings = {"linux-6.1-686-pae", "linux-6.1-armmp"})
    void aMachineWithTheStateOfAnotherAnswersAsIt(String profile) {
        Machine machine = TestMachines.boot(profile);
        use(machine.vmalloc(), 1, 350);
        VmallocState state = machine.vmalloc().state();
        assertThat(state.freeTree()).hasSizeGreaterThan(5);
        Machine other = TestMachines.boot(profile);
        other.vmalloc().load(state);
        assertThat(other.vmalloc().state().freeTree()).isEqualTo(state.freeTree());
        assertThat(AreaList.summary(other.vmalloc().areas()))
                .isEqualTo(AreaList.summary(machine.vmalloc().areas()));
        assertThat(use(other.vmalloc(), 2, 300)).isEqualTo(use(machine.vmalloc(), 2, 300));
        assertThat(other.verify().problems()).isEmpty();
    }

    @Test
    void whatAKernelDoesNotShowIsInTheStateAllTheSame() {
        Machine machine = TestMachines.boot("linux-3.8.13-odroidx");
        machine.vmalloc().vfree(machine.vmalloc().vmalloc(PAGE));
        assertThat(machine.vmalloc().areas()).isEmpty();
        assertThat(machine.vmalloc().state().areas()).singleElement().satisfies(area -> assertThat(area.kind())
                .isEqualTo(Kind.UNPURGED));
        assertThat(machine.vmalloc().state().freeTree()).isEmpty();
    }

    @Test
    void anOwnerThatIsFoundTakesItsRecordedArea() {
        Machine machine = TestMachines.boot("linux-6.1-armmp");
        Vmalloc vmalloc = machine.vmalloc();
        long start = machine.layout().vmallocStart() + 64 * PAGE;
        List<VmapAreaView> recorded = List.of(
                new VmapAreaView(start, start + 5 * PAGE, Kind.DMA_COHERENT, 4, -1, "pool", List.of()),
                new VmapAreaView(start + 5 * PAGE, start + 8 * PAGE, Kind.DMA_COHERENT, 2, -1, "ring", List.of()));
        vmalloc.load(new VmallocState(recorded, List.of()));
        int[] pfns = pages(machine, 2);
        vmalloc.adopting(true);
        assertThat(vmalloc.vmap(pfns, Protection.KERNEL)).as("another kind").isLessThan(start);
        assertThat(vmalloc.vmap(pfns, Protection.DMA_COHERENT)).isEqualTo(start + 5 * PAGE);
        assertThat(vmalloc.vmallocToPfn(start + 6 * PAGE)).isEqualTo(pfns[1]);
        assertThat(vmalloc.vmap(pfns, Protection.DMA_COHERENT))
                .as("it has an owner now")
                .isLessThan(start);
        vmalloc.adopting(false);
        assertThat(vmalloc.vmap(pages(machine, 4), Protection.DMA_COHERENT)).isNotEqualTo(start);
        vmalloc.vunmap(start + 5 * PAGE);
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void whatContradictsItselfIsRefused() {
        List<VmapAreaView> areas =
                List.of(new VmapAreaView(0xf800_0000L, 0xf800_2000L, Kind.VMALLOC, 1, -1, "a", List.of()));
        List<VmapAreaView> twice = List.of(
                areas.get(0), new VmapAreaView(0xf800_1000L, 0xf800_3000L, Kind.VMALLOC, 1, -1, "b", List.of()));
        refuse(
                new VmallocState(twice, List.of()),
                "the recorded area 0xf8001000-0xf8003000 is empty or overlaps another");
        FreeRange below = new FreeRange("", 1, 0xf800_0000L, false);
        refuse(
                new VmallocState(areas, List.of(below, new FreeRange("R", 0xf800_1000L, 0xffff_ffffL, true))),
                "the free range 0xf8001000-0xffffffff of the recorded tree is out of order or overlaps an area");
        refuse(
                new VmallocState(areas, List.of(below, new FreeRange("L", 0xf800_2000L, 0xffff_ffffL, true))),
                "the free range 0x00000001-0xf8000000 of the recorded tree is out of order or overlaps an area");
        refuse(
                new VmallocState(areas, List.of(below, new FreeRange("R", 0xf800_2000L, 0xffff_ffffL, false))),
                "vmalloc: the free tree is out of balance at 0x00000001");
        refuse(
                new VmallocState(areas, List.of(new FreeRange("", 1, 0xf800_0000L, true))),
                "vmalloc: the root of the free tree is red");
    }

    private static void refuse(VmallocState state, String message) {
        Vmalloc vmalloc = TestMachines.boot("linux-6.1-686-pae").vmalloc();
        assertThatThrownBy(() -> vmalloc.load(state))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private static int[] pages(Machine machine, int count) {
        int[] pfns = new int[count];
        for (int i = 0; i < count; i++) {
            pfns[i] = machine.pages().allocPages(machine.gfp().parse("GFP_KERNEL"), 0);
        }
        return pfns;
    }
}
