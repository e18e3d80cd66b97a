package org.kmemscope.fidelity.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.page.PageState.ZoneState;
import org.kmemscope.fidelity.SubjectsOfTests;

/** A zone with counts that were made up has exactly these counts, and the allocator finds nothing wrong with it. */
class CountedZoneTest {
    private static final Path CAPTURE =
            Path.of("src/test/resources/org/kmemscope/fidelity/captures/i386-686-1024M-1cpu.tar.gz");
    private static final int NORMAL = 1;
    private static final int TRIES = 20;

    private static FreeBlocks.Zone random(Random random, FreeBlocks.Zone like) {
        List<Integer> blocks = new ArrayList<>();
        for (int count : like.blocks()) {
            blocks.add(Math.max(0, count + random.nextInt(7) - 3));
        }
        // room for the others
        blocks.set(blocks.size() - 1, like.blocks().get(like.blocks().size() - 1) - random.nextInt(20) - 4);
        return new FreeBlocks.Zone(blocks, -1, -1);
    }

    @Test
    void countsAreAsWantedAndNoBuddiesAreFree() {
        Machine machine = SubjectsOfTests.of(CAPTURE).cloned();
        machine.pages().drainAllPages();
        PageState base = machine.pages().state();
        Random random = new Random(1);
        int orders = machine.pages().maxOrder();
        for (int i = 0; i < TRIES; i++) {
            ZoneState normal = base.zones().get(NORMAL);
            FreeBlocks.Zone wanted = random(random, FreeBlocks.Zone.of(normal, orders));
            ZoneState made =
                    CountedZone.of(machine, normal, wanted, Optional.empty()).orElseThrow();
            assertThat(FreeBlocks.Zone.of(made, orders).blocks()).isEqualTo(wanted.blocks());
            List<ZoneState> zones = new ArrayList<>(base.zones());
            zones.set(NORMAL, made);
            machine.pages().load(new PageState(zones));
            List<String> problems = machine.verify().problems().stream()
                    .filter(problem -> problem.contains("budd") || problem.contains("zone Normal"))
                    .toList();
            assertThat(problems).isEmpty();
        }
    }

    @Test
    void theBlockThatWasTakenIsTakenNext() {
        Machine machine = SubjectsOfTests.of(CAPTURE).cloned();
        machine.pages().drainAllPages();
        PageState base = machine.pages().state();
        int mask = machine.gfp().parse("GFP_KERNEL");
        FreeBlocks.Zone counts =
                FreeBlocks.Zone.of(base.zones().get(NORMAL), machine.pages().maxOrder());
        Taken taken = new Taken(0x5800, 4, 7, machine.gfp().migrateType(mask), 7, true);
        List<Integer> blocks = new ArrayList<>(counts.blocks());
        blocks.set(7, blocks.get(7) + 1);
        FreeBlocks.Zone wanted = new FreeBlocks.Zone(blocks, -1, -1);
        List<ZoneState> zones = new ArrayList<>(base.zones());
        zones.set(
                NORMAL,
                CountedZone.of(machine, base.zones().get(NORMAL), wanted, Optional.of(taken))
                        .orElseThrow());
        machine.pages().load(new PageState(zones));
        assertThat(machine.pages().allocPages(mask, 4)).isEqualTo(0x5800);
        FreeBlocks.Zone after = FreeBlocks.Zone.of(
                machine.pages().state().zones().get(NORMAL), machine.pages().maxOrder());
        assertThat(Taken.of(0x5800, wanted, after, 4, 0)).contains(new Taken(0x5800, 4, 7, 0, 7, true));
    }
}
