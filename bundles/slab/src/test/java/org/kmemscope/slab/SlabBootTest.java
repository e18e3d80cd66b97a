package org.kmemscope.slab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Machines.ProfileInfo;
import org.kmemscope.api.view.SlabCacheView;

class SlabBootTest {
    static Stream<String> profiles() {
        return TestMachines.FACTORY.profiles().stream().map(ProfileInfo::name);
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void everyProfileBootsWithSlab(String profile) {
        Machine machine = TestMachines.boot(profile);
        assertThat(machine.verify().problems()).isEmpty();
        assertThat(machine.parts()).containsEntry("object", "slab");
        Kernel kernel = TestMachines.kernel(machine);
        long object = kernel.kmalloc(100, Gfp.GFP_KERNEL);
        assertThat(object).isNotZero();
        kernel.kfree(object);
        assertThat(machine.verify().problems()).isEmpty();
    }

    /** Each cache has a descriptor, an array for each CPU, list heads, and a shared array where there are more CPUs than one. */
    @ParameterizedTest
    @CsvSource({"linux-2.6.38-mlinux, 1", "linux-2.6.38-mlinux, 4", "linux-3.2-versatile, 1"})
    void whatTheAllocatorTakesForItselfIsCounted(String profile, int cpus) {
        Machine machine = TestMachines.boot(profile + ",cpus=" + cpus);
        List<SlabCacheView> caches = machine.views().slabCaches();
        assertThat(live(machine, "kmem_cache")).isEqualTo(caches.size() - 1);
        long shared = caches.stream().filter(view -> view.sharedFactor() > 0).count();
        assertThat(shared > 0).isEqualTo(cpus > 1);
        long general = caches.stream()
                .map(SlabCacheView::name)
                .filter(name -> !name.equals("kmem_cache"))
                .mapToLong(name -> live(machine, name))
                .sum();
        long management = caches.stream()
                .filter(view -> view.attributes().get("management").startsWith("off slab"))
                .mapToLong(SlabCacheView::slabs)
                .sum();
        assertThat(general).isEqualTo(caches.size() * (cpus + 1L) + shared + management);
    }

    private static long live(Machine machine, String cache) {
        SlabCacheView view = TestMachines.cache(machine, cache);
        return Long.parseLong(view.attributes().get("allocs"))
                - Long.parseLong(view.attributes().get("frees"));
    }

    @Test
    void cachesOfSmallMachinesAreNarrowerThanThoseOfLargeOnes() {
        assertThat(SlabRules.of(TestMachines.boot("linux-2.6.38-mlinux,mem=32M"))
                        .geometry()
                        .lastOrder())
                .isZero();
        assertThat(SlabRules.of(TestMachines.boot("linux-2.6.38-mlinux,mem=64M"))
                        .geometry()
                        .lastOrder())
                .isEqualTo(1);
        assertThat(SlabRules.of(TestMachines.boot("linux-2.6.24.3-atv,mem=32M"))
                        .geometry()
                        .lastOrder())
                .isZero();
    }

    @Test
    void theCommandLineCanSetTheLargestOrderSince33() {
        String option = ",slab_max_order=3";
        assertThat(SlabRules.of(TestMachines.boot("linux-3.8.13-odroidx" + option))
                        .geometry()
                        .lastOrder())
                .isEqualTo(3);
    }
}
