package org.kmemscope.highmem;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.highmem.Highmem;
import org.kmemscope.api.machine.Machine;

/** The persistent area against a model that knows nothing but a table of pages and counts, and never sleeps. */
class KmapPropertyTest {
    private static Machine origin;
    private static int[] pages;

    @BeforeContainer
    static void boot() {
        origin = TestMachines.boot("linux-6.1-686-pae");
        pages = TestMachines.highPages(origin, 700);
    }

    /** Slots with their pages and users; {@code last} goes round. */
    private static final class Model {
        private final int[] shown;
        private final int[] users;
        private final Map<Integer, Integer> slotOf = new LinkedHashMap<>();
        private int last;

        Model(int slots) {
            shown = new int[slots];
            users = new int[slots];
            Arrays.fill(shown, -1);
        }

        boolean isFull(int page) {
            return !slotOf.containsKey(page) && Arrays.stream(users).allMatch(count -> count > 0);
        }

        int map(int page) {
            Integer known = slotOf.get(page);
            if (known == null) {
                known = take();
                shown[known] = page;
                slotOf.put(page, known);
            }
            users[known]++;
            return known;
        }

        private int take() {
            while (true) {
                last++;
                if (last == shown.length) {
                    last = 0;
                    forgetUnused();
                }
                if (shown[last] < 0) {
                    return last;
                }
            }
        }

        private void forgetUnused() {
            for (int slot = 0; slot < shown.length; slot++) {
                if (users[slot] == 0 && shown[slot] >= 0) {
                    slotOf.remove(shown[slot]);
                    shown[slot] = -1;
                }
            }
        }
    }

    @Property(tries = 60)
    void everyAnswerIsTheModels(@ForAll long seed, @ForAll @IntRange(min = 1, max = 700) int variety) {
        Machine machine = origin.fork("copy");
        Highmem highmem = machine.highmem();
        Model model = new Model(machine.layout().lastPkmap());
        Random random = new Random(seed);
        // from nearly nothing held to nearly everything
        int held = random.nextInt(100);
        for (int step = 0; step < 3_000; step++) {
            int page = random.nextInt(variety);
            Integer slot = model.slotOf.get(page);
            boolean used = slot != null && model.users[slot] > 0;
            if (used && random.nextInt(100) >= held) {
                highmem.kunmap(pages[page]);
                model.users[slot]--;
            } else if (!model.isFull(page)) {
                long address = machine.layout().pkmapBase() + (long) model.map(page) * Profile.PAGE_SIZE;
                assertThat(highmem.kmap(pages[page])).isEqualTo(address);
                assertThat(machine.mmu().read32(address)).isEqualTo(page);
            }
        }
        for (int page = 0; page < variety; page++) {
            Integer slot = model.slotOf.get(page);
            long address = slot == null ? 0 : machine.layout().pkmapBase() + (long) slot * Profile.PAGE_SIZE;
            assertThat(highmem.pageAddress(pages[page])).isEqualTo(address);
        }
        assertThat(highmem.windows()).hasSize(model.slotOf.size()).allSatisfy(window -> assertThat(window.count())
                .isEqualTo(model.users[window.slot()] + 1));
        assertThat(machine.verify().problems()).isEmpty();
    }
}
