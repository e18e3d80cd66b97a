package org.kmemscope.highmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.highmem.Highmem;
import org.kmemscope.api.highmem.PkmapState;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.view.KmapView;

/** What one machine tells of its persistent area, another takes over and goes on from. */
class RecordedPkmapTest {
    private static final String PROFILE = "linux-6.1-686-pae";

    private static List<Long> use(Highmem highmem, int[] pages, List<Integer> mapped, long seed) {
        Random random = new Random(seed);
        List<Long> answers = new ArrayList<>();
        for (int step = 0; step < 2000; step++) {
            if (mapped.size() < 200 && random.nextInt(100) < 60) {
                int page = pages[random.nextInt(pages.length)];
                answers.add(highmem.kmap(page));
                mapped.add(page);
            } else if (!mapped.isEmpty()) {
                highmem.kunmap(mapped.remove(random.nextInt(mapped.size())));
            }
        }
        return answers;
    }

    @Test
    void aMachineWithTheStateOfAnotherAnswersAsIt() {
        Machine machine = TestMachines.boot(PROFILE);
        int[] pages = TestMachines.highPages(machine, 700);
        List<Integer> mapped = new ArrayList<>();
        use(machine.highmem(), pages, mapped, 1);
        PkmapState state = machine.highmem().pkmap();
        assertThat(state.slots()).hasSizeGreaterThan(200);
        Machine other = TestMachines.boot(PROFILE);
        other.highmem().load(state);
        assertThat(other.highmem().pkmap()).isEqualTo(state);
        assertThat(use(other.highmem(), pages, new ArrayList<>(mapped), 2))
                .isEqualTo(use(machine.highmem(), pages, mapped, 2));
        assertThat(other.verify().problems()).isEmpty();
    }

    @Test
    void whatCannotBeIsRefused() {
        Highmem highmem = TestMachines.boot(PROFILE).highmem();
        KmapView slot = new KmapView("pkmap", 3, "", 0, 0x38000, 1);
        assertThatThrownBy(() -> highmem.load(new PkmapState(512, List.of())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the state has slots beyond the 512 of this kernel");
        assertThatThrownBy(() ->
                        highmem.load(new PkmapState(1, List.of(slot, new KmapView("pkmap", 4, "", 0, 0x38000, 1)))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the state has a page with two slots");
        highmem.load(new PkmapState(3, List.of(slot)));
        assertThatThrownBy(() -> highmem.load(new PkmapState(3, List.of(slot))))
                .isInstanceOf(IllegalStateException.class);
    }
}
