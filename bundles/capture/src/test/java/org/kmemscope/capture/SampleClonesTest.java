package org.kmemscope.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kmemscope.api.capture.Capture;
import org.kmemscope.api.capture.MachineSeed;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.view.ZoneView;

class SampleClonesTest {
    /** All that are of 32-bit machines whose kernel is named. */
    static Stream<Path> captures() {
        return Samples.archives().stream().filter(path -> !Samples.name(path).equals("tr64-start"));
    }

    @ParameterizedTest
    @MethodSource("captures")
    void theCloneShowsWhatWasCaptured(Path archive) {
        Capture capture = Clones.CAPTURES.open(archive);
        Clones.check(capture, capture.seed());
    }

    @ParameterizedTest
    @MethodSource("captures")
    void theCloneNeedsNoShippedProfile(Path archive) {
        Capture capture = Clones.BARE.open(archive);
        Clones.check(capture, capture.seed());
    }

    @Test
    void freeListsAreExactWhereAModuleListedThem() {
        MachineSeed seed =
                Clones.CAPTURES.open(Samples.archive("i386-686-pae-1024M-2cpu")).seed();
        assertThat(seed.exactLists()).isTrue();
        Machine machine = Clones.boot(seed);
        assertThat(lists(machine.pages().state())).isEqualTo(lists(seed.pages().orElseThrow()));
    }

    @Test
    void aVectorIsClonedToTheLastCounter() {
        Capture capture = Clones.CAPTURES.open(Samples.archive("armhf-armmp-1024M-seed1"));
        MachineSeed seed = capture.seed();
        PageState start = capture.state("vec-page-a.txt.gz", "start").orElseThrow();
        assertThat(lists(seed.pages().orElseThrow())).isEqualTo(lists(start));
        PageState cloned = Clones.boot(seed).pages().state();
        assertThat(lists(cloned)).isEqualTo(lists(start));
        for (int zone = 0; zone < start.zones().size(); zone++) {
            assertThat(cloned.zones().get(zone).free())
                    .isEqualTo(start.zones().get(zone).free());
            assertThat(cloned.zones().get(zone).blockTypes())
                    .isEqualTo(start.zones().get(zone).blockTypes());
        }
        assertThat(capture.state("vec-page-a.txt.gz", "mid")).isEmpty();
        assertThat(capture.state("vec-page-z.txt", "start")).isEmpty();
    }

    /** Every list with its frames, in words. */
    static List<String> lists(PageState state) {
        return state.zones().stream()
                .flatMap(zone -> Stream.concat(
                        zone.freeLists().stream()
                                .map(list -> zone.index() + " order " + list.order() + " type " + list.migratetype()
                                        + " " + java.util.Arrays.toString(list.pfns()))
                                .sorted(),
                        zone.perCpu().stream()
                                .flatMap(cpu -> cpu.lists().stream())
                                .map(list -> zone.index() + " pcp " + list.index() + " "
                                        + java.util.Arrays.toString(list.pfns()))))
                .toList();
    }

    @Test
    void cachesAndAreasComeWithTheSeed() {
        MachineSeed seed = Clones.CAPTURES
                .open(Samples.archive("2.6.38.5-mlinux-slab-32M"))
                .seed();
        assertThat(seed.caches())
                .filteredOn(cache -> cache.name().equals("size-64"))
                .singleElement()
                .satisfies(cache -> {
                    assertThat(cache.objects()).isGreaterThanOrEqualTo(cache.activeObjects());
                    assertThat(cache.objectsPerSlab()).isEqualTo(59);
                });
        assertThat(seed.vmalloc().areas()).isNotEmpty().allSatisfy(area -> assertThat(area.start())
                .isGreaterThanOrEqualTo(0xc000_0000L));
    }

    @Test
    void aCloneGoesOnFromWhereItWas() {
        MachineSeed seed = Clones.CAPTURES
                .open(Samples.archive("2.6.38.5-mlinux-slab-1024M-vmalloc256"))
                .seed();
        Machine machine = Clones.boot(seed);
        long free = freePages(machine);
        long area = machine.vmalloc().vmalloc(5L * Profile.PAGE_SIZE);
        assertThat(seed.vmalloc().areas())
                .as("the new area overlaps none of the captured ones")
                .noneMatch(other -> area < other.end() && other.start() < area + 6L * Profile.PAGE_SIZE);
        assertThat(machine.views().vmapAreas()).hasSize(seed.vmalloc().areas().size() + 1);
        int pfn = machine.pages().allocPages(machine.gfp().parse("GFP_KERNEL"), 3);
        assertThat(pfn).isPositive();
        assertThat(freePages(machine)).isLessThanOrEqualTo(free - 13);
        assertThat(machine.verify().problems()).isEmpty();
        machine.pages().freePages(pfn, 3);
        machine.vmalloc().vfree(area);
        assertThat(machine.verify().problems()).isEmpty();
    }

    private static long freePages(Machine machine) {
        return machine.views().zones().stream().mapToLong(ZoneView::free).sum()
                + machine.views().zones().stream()
                        .flatMap(zone -> zone.pageSets().stream())
                        .flatMap(set -> set.lists().stream())
                        .mapToLong(ZoneView.PerCpuList::count)
                        .sum();
    }

    @Test
    void a64BitMachineCanBeLookedAtButNotCloned() {
        Capture capture = Clones.CAPTURES.open(Samples.archive("tr64-start"));
        assertThat(capture.views().zones())
                .extracting(zone -> zone.type().label())
                .contains("DMA32");
        assertThat(capture.views().slabCaches()).isNotEmpty();
        assertThatThrownBy(capture::seed)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tr64-start has no proc-version.txt, uname.txt or boot log");
    }
}
