package org.kmemscope.vmalloc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.error.TaskKilled;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.mmu.Protection;
import org.kmemscope.api.vmalloc.Vmalloc;

/** Memory runs out at every point in turn: each call fails cleanly, and nothing leaks. */
class FailureTest {
    private static final int PAGE = Profile.PAGE_SIZE;

    /** What must be as before once everything freed is purged. */
    private record Books(long free, int objects, int areas, int tables) {
        static Books of(Machine machine) {
            machine.vmalloc().purge();
            return new Books(
                    machine.pages().freePageCount(),
                    TestMachines.objects(machine).liveCount(),
                    machine.vmalloc().areas().size(),
                    machine.mmu().tableFrames());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"i386-1g", "linux-2.6.38-mlinux", "linux-3.2-686-pae", "linux-6.1-686-pae"})
    void withoutDescriptorsNothingIsMade(String profile) {
        Machine machine = TestMachines.boot(profile);
        Vmalloc vmalloc = machine.vmalloc();
        int pfn = machine.pages().allocPages(machine.gfp().parse("GFP_KERNEL"), 0);
        int[] pages = new int[8];
        Arrays.fill(pages, pfn);
        vmalloc.vfree(vmalloc.vmalloc(1100L * PAGE));
        Books before = Books.of(machine);
        boolean hasRam = VmallocRules.of(machine).blocks().pages() > 0;
        for (int requests = 0; requests < 7; requests++) {
            int served = 0;
            for (int call = 0; call < 4; call++) {
                TestMachines.objects(machine).failAfter(requests);
                long address =
                        switch (call) {
                            case 0 -> vmalloc.vmalloc(1100L * PAGE);
                            case 1 -> vmalloc.vmap(pages, Protection.KERNEL);
                            case 2 -> vmalloc.ioremap(0xf000_0000L, 3 * PAGE);
                            default -> hasRam ? vmalloc.vmMapRam(pages) : 0;
                        };
                TestMachines.objects(machine).failAfter(-1);
                assertThat(machine.verify().problems()).as("call " + call).isEmpty();
                if (address != 0) {
                    served++;
                    switch (call) {
                        case 0 -> vmalloc.vfree(address);
                        case 1 -> vmalloc.vunmap(address);
                        case 2 -> vmalloc.iounmap(address);
                        default -> vmalloc.vmUnmapRam(address, 8);
                    }
                }
                assertThat(Books.of(machine))
                        .as("call %d with %d objects", call, requests)
                        .isEqualTo(before);
            }
            if (requests == 0) {
                assertThat(served).isZero();
            }
            if (requests == 6) {
                assertThat(served).isEqualTo(hasRam ? 4 : 3);
            }
        }
    }

    /** Pages run out in the middle; page tables too, as the requests reach into addresses that have none. */
    @ParameterizedTest
    @ValueSource(
            strings = {"i386-32m", "linux-3.2-versatile", "'linux-6.1-686-pae,mem=64M'", "'linux-6.1-armmp,mem=64M'"})
    void withoutPagesNothingIsKept(String quoted) {
        Machine machine = TestMachines.boot(quoted.replace("'", ""));
        Vmalloc vmalloc = machine.vmalloc();
        int mask = machine.gfp().parse("GFP_KERNEL|__GFP_NORETRY");
        // descriptors that the failing calls will need are there already
        vmalloc.vfree(vmalloc.vmalloc(24L * PAGE, mask, Protection.KERNEL));
        vmalloc.purge();
        List<Integer> hoard = new ArrayList<>();
        for (int pfn = machine.pages().allocPages(mask, 0);
                pfn >= 0;
                pfn = machine.pages().allocPages(mask, 0)) {
            hoard.add(pfn);
        }
        int failures = 0;
        int successes = 0;
        for (int left = 0; successes < 3; left++) {
            long free = machine.pages().freePageCount();
            int tables = machine.mmu().tableFrames();
            long address = vmalloc.vmalloc(24L * PAGE, mask, Protection.KERNEL);
            assertThat(machine.verify().problems()).as(left + " pages left").isEmpty();
            failures += address == 0 ? 1 : 0;
            successes += address == 0 ? 0 : 1;
            vmalloc.vfree(address);
            vmalloc.purge();
            machine.pages().drainAllPages();
            long kept = (long) machine.mmu().tableFrames() - tables;
            assertThat(machine.pages().freePageCount() + kept)
                    .as(left + " pages left")
                    .isGreaterThanOrEqualTo(free);
            machine.pages().freePages(hoard.remove(hoard.size() - 1), 0);
        }
        // how many fail depends on how far a per-CPU list is filled below the watermark
        assertThat(failures).isPositive();
        hoard.forEach(pfn -> machine.pages().freePages(pfn, 0));
        assertThat(machine.verify().problems()).isEmpty();
    }

    /** The OOM killer takes the task that asks; what it had got so far goes back. */
    @ParameterizedTest
    @ValueSource(strings = {"i386-32m", "'linux-6.1-686-pae,mem=64M'"})
    void aKilledTaskLeavesNothingBehind(String quoted) {
        Machine machine = TestMachines.boot(quoted.replace("'", ""));
        Vmalloc vmalloc = machine.vmalloc();
        vmalloc.vfree(vmalloc.vmalloc(2000L * PAGE));
        vmalloc.purge();
        machine.pages().drainAllPages();
        long all = machine.pages().freePageCount();
        // more than is free above the watermarks, but not more than there is
        long size = (machine.pages().totalPages() - 8) * PAGE;
        assertThatThrownBy(() -> vmalloc.vmalloc(size)).isInstanceOf(TaskKilled.class);
        assertThat(vmalloc.areas()).noneMatch(area -> area.pages() > 0);
        vmalloc.purge();
        machine.pages().drainAllPages();
        int newTables = 1 + (int) (size / machine.mmu().largePageSize());
        assertThat(machine.pages().freePageCount()).isBetween(all - newTables - 4, all);
        assertThat(machine.verify().problems()).isEmpty();
    }
}
