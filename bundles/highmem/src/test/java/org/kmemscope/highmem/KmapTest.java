package org.kmemscope.highmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.error.KernelOops;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.highmem.Highmem;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Machine.ContextRequest;
import org.kmemscope.api.machine.Machine.ContextRequest.Kind;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.view.AddressFact;
import org.kmemscope.api.view.KmapView;

/** The persistent area. */
class KmapTest {
    private static final int PAGE = Profile.PAGE_SIZE;

    private static void in(Machine machine, Kind kind) {
        machine.setContext(new ContextRequest(0, kind));
    }

    /** Maps and gives back pages until the search has passed the end of the area. */
    private static void wrap(Machine machine, int[] pages) {
        for (int page : pages) {
            machine.highmem().kmap(page);
            machine.highmem().kunmap(page);
        }
    }

    private static String described(Machine machine, long virt) {
        List<AddressFact> facts = new ArrayList<>();
        machine.highmem().describe(virt, facts);
        return facts.stream().map(AddressFact::text).reduce("", String::concat);
    }

    @ParameterizedTest
    @CsvSource({
        "i386-1g, 1024",
        "i386-4g, 1024",
        "linux-2.6.24.3-atv, 1024",
        "linux-2.6.29-vbox-pae, 512",
        "linux-2.6.32-el6-pae, 512",
        "linux-2.6.38-mlinux, 1024",
        "linux-3.2-686-pae, 512",
        "arm-exynos4412, 512",
        "linux-3.8.13-odroidx, 512",
        "linux-6.1-686, 1024",
        "linux-6.1-686-pae, 512",
        "linux-6.1-armmp-lpae, 512"
    })
    void aWindowShowsThePage(String profile, int slots) {
        Machine machine = TestMachines.boot(profile.startsWith("i386") ? profile : profile + ",mem=1G");
        Highmem highmem = machine.highmem();
        int[] pages = TestMachines.highPages(machine, 20);
        for (int i = 0; i < 20; i++) {
            long address = highmem.kmap(pages[i]);
            assertThat(address).isEqualTo(machine.layout().pkmapBase() + (i + 1L) * PAGE);
            assertThat(machine.mmu().read32(address)).isEqualTo(i);
            machine.mmu().write32(address + 4, 1000 + i);
            assertThat(machine.ram().read32((long) pages[i] * PAGE + 4)).isEqualTo(1000 + i);
            assertThat(highmem.pageAddress(pages[i])).isEqualTo(address);
            assertThat(highmem.pageOf(address + 17)).isEqualTo(pages[i]);
        }
        assertThat(machine.layout().lastPkmap()).isEqualTo(slots);
        assertThat(machine.verify().problems()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"i386-1g", "linux-2.6.38-mlinux", "arm-exynos4412", "linux-6.1-686-pae"})
    void lowMemoryHasItsLinearAddress(String profile) {
        Machine machine = TestMachines.boot(profile);
        Highmem highmem = machine.highmem();
        int page = TestMachines.lowPage(machine);
        long linear = machine.layout().pfnToVirt(page);
        String slot = highmem.atomicSlots().isEmpty() ? "" : "KM_USER0";
        assertThat(highmem.kmap(page)).isEqualTo(linear);
        assertThat(highmem.kmap(page)).isEqualTo(linear);
        assertThat(highmem.kmapAtomic(page, slot)).isEqualTo(linear);
        assertThat(machine.context().preemptCount()).isEqualTo(1);
        highmem.kunmapAtomic(linear);
        assertThat(machine.context().preemptCount()).isZero();
        highmem.kunmap(page);
        // once more than mapped: nothing is counted
        highmem.kunmap(page);
        highmem.kunmap(page);
        assertThat(highmem.windows()).isEmpty();
        assertThat(highmem.pageOf(linear + 5)).isEqualTo(page);
    }

    @ParameterizedTest
    @ValueSource(strings = {"linux-2.6.29-goldfish", "linux-3.2-versatile", "linux-3.4.67-goldfish", "i386-32m"})
    void withoutHighMemoryEveryPageHasItsLinearAddress(String profile) {
        Machine machine = TestMachines.boot(profile);
        Highmem highmem = machine.highmem();
        int page = machine.pages().allocPages(machine.gfp().parse("GFP_HIGHUSER"), 0);
        long linear = machine.layout().pfnToVirt(page);
        String slot = highmem.atomicSlots().isEmpty() ? "" : "KM_USER0";
        assertThat(highmem.kmap(page)).isEqualTo(linear);
        highmem.kunmap(page);
        assertThat(highmem.kmapAtomic(page, slot)).isEqualTo(linear);
        highmem.kunmapAtomic(linear);
        assertThat(highmem.windows()).isEmpty();
        assertThat(highmem.pageAddress(page)).isEqualTo(linear);
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void aPageKeepsItsSlotUntilTheSearchComesRound() {
        Machine machine = TestMachines.boot("linux-2.6.38-mlinux");
        Highmem highmem = machine.highmem();
        int[] pages = TestMachines.highPages(machine, 1024);
        long first = highmem.kmap(pages[0]);
        assertThat(highmem.kmap(pages[0])).isEqualTo(first);
        assertThat(highmem.windows())
                .containsExactly(new KmapView("pkmap", 1, "", first, pages[0], 3, "pid 0 at ? (2)"));
        highmem.kunmap(pages[0]);
        highmem.kunmap(pages[0]);
        assertThat(highmem.windows()).containsExactly(new KmapView("pkmap", 1, "", first, pages[0], 1));
        assertThat(highmem.pageAddress(pages[0])).isEqualTo(first);
        // who uses it after kunmap() is not noticed
        assertThat(machine.mmu().read32(first)).isZero();
        wrap(machine, Arrays.copyOfRange(pages, 1, 1023));
        assertThat(highmem.pageAddress(pages[0])).isEqualTo(first);
        assertThat(highmem.kmap(pages[1023])).isEqualTo(machine.layout().pkmapBase());
        assertThat(highmem.pageAddress(pages[0])).isZero();
        assertThat(highmem.pageOf(first)).isEqualTo(-1);
        assertThat(highmem.windows()).hasSize(1);
        assertThatThrownBy(() -> machine.mmu().read32(first)).isInstanceOf(KernelOops.class);
        assertThat(machine.verify().problems()).isEmpty();
    }

    /** Mapped again before the search comes round, a page has its slot back without any flush. */
    @Test
    void aSlotThatIsUsedAgainIsNotFlushed() {
        Machine machine = TestMachines.boot("linux-6.1-686-pae");
        Highmem highmem = machine.highmem();
        int[] pages = TestMachines.highPages(machine, 600);
        long address = highmem.kmap(pages[0]);
        highmem.kunmap(pages[0]);
        assertThat(highmem.kmap(pages[0])).isEqualTo(address);
        wrap(machine, pages);
        assertThat(highmem.pageAddress(pages[0])).isEqualTo(address);
        assertThat(machine.mmu().read32(address)).isZero();
        highmem.kunmap(pages[0]);
        assertThat(machine.verify().problems()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"i386-1g, 1024", "linux-2.6.38-mlinux, 1024", "arm-exynos4412, 512", "linux-6.1-686-pae, 512"})
    void tlbsAreFlushedOnceWhenTheSearchComesRound(String profile, int slots) {
        Machine machine = TestMachines.boot(profile);
        int[] pages = TestMachines.highPages(machine, slots);
        long flushes = machine.mmu().counters().flushes();
        wrap(machine, Arrays.copyOf(pages, slots - 1));
        assertThat(machine.mmu().counters().flushes()).isEqualTo(flushes);
        machine.highmem().kmap(pages[slots - 1]);
        assertThat(machine.mmu().counters().flushes()).isEqualTo(flushes + 1);
    }

    /** 2.6.24 flushes all the same. */
    @ParameterizedTest
    @CsvSource({"i386-1g, 1024, 1", "linux-2.6.38-mlinux, 1024, 0", "linux-6.1-686-pae, 512, 0"})
    void withNothingToClearLaterKernelsSpareTheFlush(String profile, int slots, int expected) {
        Machine machine = TestMachines.boot(profile);
        int[] pages = TestMachines.highPages(machine, slots);
        for (int i = 0; i < slots - 1; i++) {
            machine.highmem().kmap(pages[i]);
        }
        long flushes = machine.mmu().counters().flushes();
        assertThat(machine.highmem().kmap(pages[slots - 1]))
                .isEqualTo(machine.layout().pkmapBase());
        assertThat(machine.mmu().counters().flushes()).isEqualTo(flushes + expected);
        assertThat(machine.verify().problems()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"i386-1g", "linux-2.6.38-mlinux", "arm-exynos4412", "linux-6.1-686-pae"})
    void mappingSleepsSoItIsForbiddenInAnInterrupt(String profile) {
        for (Kind kind : List.of(Kind.ATOMIC, Kind.SOFTIRQ, Kind.HARDIRQ)) {
            Machine machine = TestMachines.boot(profile);
            int page = TestMachines.highPages(machine, 1)[0];
            in(machine, kind);
            assertThatThrownBy(() -> machine.highmem().kmap(page))
                    .isInstanceOf(KernelBug.class)
                    .hasMessageContaining("sleeping function called from invalid context at ")
                    .hasMessageContaining("highmem");
            assertThat(machine.highmem().windows()).isEmpty();
            assertThat(machine.verify().problems()).isEmpty();
        }
    }

    /** Up to 5.7 kunmap() asks for an interrupt only, so a spinlock is no obstacle. */
    @ParameterizedTest
    @CsvSource({
        "i386-1g, arch/x86/mm/highmem_32.c, true",
        "linux-2.6.38-mlinux, arch/x86/mm/highmem_32.c, true",
        "arm-exynos4412, arch/arm/mm/highmem.c, true",
        "linux-6.1-686-pae, sleeping function called from invalid context, false"
    })
    void givingBackIsForbiddenInAnInterrupt(String profile, String words, boolean underLock) {
        Machine machine = TestMachines.boot(profile);
        int[] pages = TestMachines.highPages(machine, 2);
        machine.highmem().kmap(pages[0]);
        machine.highmem().kmap(pages[1]);
        in(machine, Kind.SOFTIRQ);
        assertThatThrownBy(() -> machine.highmem().kunmap(pages[0]))
                .isInstanceOf(KernelBug.class)
                .hasMessageContaining(words);
        in(machine, Kind.ATOMIC);
        if (underLock) {
            assertThatCode(() -> machine.highmem().kunmap(pages[1])).doesNotThrowAnyException();
        } else {
            assertThatThrownBy(() -> machine.highmem().kunmap(pages[1])).isInstanceOf(KernelBug.class);
        }
        assertThat(machine.highmem().windows().get(0).count()).isEqualTo(2);
        assertThat(machine.highmem().windows().get(1).count()).isEqualTo(underLock ? 1 : 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"i386-1g", "arm-exynos4412", "linux-6.1-686-pae"})
    void givingBackTooOftenIsABug(String profile) {
        Machine machine = TestMachines.boot(profile);
        Highmem highmem = machine.highmem();
        int[] pages = TestMachines.highPages(machine, 2);
        assertThatThrownBy(() -> highmem.kunmap(pages[0]))
                .isInstanceOf(KernelBug.class)
                .hasMessageStartingWith("kernel BUG at mm/highmem.c")
                .hasMessageContaining("not mapped");
        highmem.kmap(pages[1]);
        highmem.kunmap(pages[1]);
        assertThatThrownBy(() -> highmem.kunmap(pages[1]))
                .isInstanceOf(KernelBug.class)
                .hasMessageStartingWith("kernel BUG at mm/highmem.c")
                .hasMessageContaining("pkmap_count[1] would be 0");
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void addressesOfTheAreaAreDescribed() {
        Machine machine = TestMachines.boot("linux-6.1-686-pae");
        Highmem highmem = machine.highmem();
        int page = TestMachines.highPages(machine, 1)[0];
        long address = highmem.kmap(page);
        highmem.kmap(page);
        assertThat(described(machine, address + 3))
                .isEqualTo("slot 1 of 512 of the persistent area, shows pfn 0x%x, used 2 times, by pid 0 at ? (2)"
                        .formatted(page));
        highmem.kunmap(page);
        highmem.kunmap(page);
        assertThat(described(machine, address))
                .isEqualTo("slot 1 of 512 of the persistent area, free, but not flushed yet: still shows pfn 0x%x"
                        .formatted(page));
        assertThat(described(machine, address + PAGE)).isEqualTo("slot 2 of 512 of the persistent area, free");
        assertThat(described(machine, machine.layout().pkmapBase() - 1)).isEmpty();
        assertThat(described(machine, machine.layout().pkmapBase() + 512 * PAGE))
                .isEmpty();
    }

    @Test
    void eventsTellOfEveryUse() {
        Machine machine = TestMachines.boot("linux-2.6.38-mlinux");
        int page = TestMachines.highPages(machine, 1)[0];
        List<String> events = new ArrayList<>();
        machine.trace()
                .listen(
                        (point, header, values) -> events.add(point.event() + " "
                                + Stream.of(values[0], values[1], values[2], values[3])
                                        .map(Long::toHexString)
                                        .toList()),
                        TracePoint.KMAP,
                        TracePoint.KUNMAP);
        long address = machine.highmem().kmap(page);
        machine.highmem().kmap(page);
        machine.highmem().kunmap(page);
        machine.highmem().kunmap(page);
        String where = Integer.toHexString(page) + ", " + Long.toHexString(address) + ", 1, ";
        assertThat(events)
                .containsExactly(
                        "kmap [" + where + "2]",
                        "kmap [" + where + "3]",
                        "kunmap [" + where + "2]",
                        "kunmap [" + where + "1]");
    }
}
