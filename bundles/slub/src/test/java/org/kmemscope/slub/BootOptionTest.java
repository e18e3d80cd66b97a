package org.kmemscope.slub;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.BootOptions;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;

/** What the command line does to caches. */
class BootOptionTest {
    private static final int ALL = SlabFlag.SLAB_CONSISTENCY_CHECKS.bit()
            | SlabFlag.SLAB_RED_ZONE.bit()
            | SlabFlag.SLAB_POISON.bit()
            | SlabFlag.SLAB_STORE_USER.bit();

    private final List<String> unknown = new ArrayList<>();

    private DebugOptions later(String option) {
        return DebugOptions.of(new BootOptions(Map.of("slub_debug", option)), false, true, true, unknown::add);
    }

    private DebugOptions earlier(String option) {
        return DebugOptions.of(new BootOptions(Map.of("slub_debug", option)), false, false, false, unknown::add);
    }

    @Test
    void lettersChooseFlags() {
        assertThat(later("").flagsFor("any")).isEqualTo(ALL);
        assertThat(later("FZPU").flagsFor("any")).isEqualTo(ALL);
        assertThat(later("-").flagsFor("any")).isZero();
        assertThat(later("tA").flagsFor("any")).isEqualTo(SlabFlag.SLAB_TRACE.bit() | SlabFlag.SLAB_FAILSLAB.bit());
        assertThat(unknown).isEmpty();
        assertThat(later("zx").flagsFor("any")).isEqualTo(SlabFlag.SLAB_RED_ZONE.bit());
        assertThat(unknown).containsExactly("slub_debug option 'x' unknown. skipped");
    }

    @Test
    void namesChooseCaches() {
        DebugOptions named = later("FZPU,kmalloc-64,dentry");
        assertThat(named.flagsFor("kmalloc-64")).isEqualTo(ALL);
        assertThat(named.flagsFor("dentry")).isEqualTo(ALL);
        assertThat(named.flagsFor("kmalloc-6")).isZero();
        assertThat(later("P,kmalloc-*").flagsFor("kmalloc-8k")).isEqualTo(SlabFlag.SLAB_POISON.bit());
        assertThat(later(",dentry").flagsFor("dentry")).isEqualTo(ALL);
        DebugOptions blocks = later("Z;P,a;F,b");
        assertThat(blocks.flagsFor("a")).isEqualTo(SlabFlag.SLAB_POISON.bit());
        assertThat(blocks.flagsFor("b")).isEqualTo(SlabFlag.SLAB_CONSISTENCY_CHECKS.bit());
        assertThat(blocks.flagsFor("c")).isEqualTo(SlabFlag.SLAB_RED_ZONE.bit());
        // one name, by how it begins
        assertThat(earlier("P,kmalloc").flagsFor("kmalloc-64")).isEqualTo(SlabFlag.SLAB_POISON.bit());
        assertThat(earlier("P,kmalloc").flagsFor("dentry")).isZero();
    }

    @Test
    void withoutTheOptionNothingIsDebugged() {
        DebugOptions none = DebugOptions.of(new BootOptions(Map.of()), false, true, true, unknown::add);
        assertThat(none.flagsFor("any")).isZero();
        DebugOptions configured = DebugOptions.of(new BootOptions(Map.of()), true, true, true, unknown::add);
        assertThat(configured.flagsFor("any")).isEqualTo(ALL);
    }

    private static String attribute(Machine machine, String cache, String name) {
        return TestMachines.cache(machine, cache).attributes().get(name);
    }

    /** {@code O}: no larger slabs for the sake of debugging. */
    @Test
    void cachesWhoseOrderWouldRiseAreSpared() {
        Machine machine = TestMachines.boot("linux-6.1-686-pae,slub_debug=FZPUO");
        assertThat(attribute(machine, "kmalloc-64", "red_zone")).isEqualTo("1");
        assertThat(attribute(machine, "kmalloc-4k", "red_zone")).isEqualTo("0");
        assertThat(attribute(machine, "kmalloc-4k", "slab_size")).isEqualTo("4096");
        assertThat(attribute(machine, "kmalloc-4k", "sanity_checks")).isEqualTo("1");
    }

    @Test
    void ordersCanBeSet() {
        assertThat(attribute(TestMachines.boot("linux-6.1-686-pae,slub_min_order=2"), "kmalloc-64", "order"))
                .isEqualTo("2");
        Machine small = TestMachines.boot("linux-6.1-686-pae,slub_max_order=0");
        assertThat(attribute(small, "kmalloc-1k", "order")).isEqualTo("0");
        // an object must fit
        assertThat(attribute(small, "kmalloc-8k", "order")).isEqualTo("1");
        assertThat(attribute(TestMachines.boot("linux-6.1-686-pae,slub_min_objects=32"), "kmalloc-512", "order"))
                .isEqualTo("2");
    }

    @Test
    void mergingCanBeTurnedOff() {
        for (String option : List.of("slab_nomerge", "slub_nomerge")) {
            Machine machine = TestMachines.boot("linux-6.1-686-pae," + option);
            machine.objects().createCache(new CacheSpec("one", 40, 0, 0, ObjectConstructor.NONE));
            machine.objects().createCache(new CacheSpec("other", 40, 0, 0, ObjectConstructor.NONE));
            assertThat(attribute(machine, "other", "id")).isEqualTo("other");
            assertThat(attribute(machine, "one", "aliases")).isEqualTo("0");
        }
    }

    @Test
    void objectsAreZeroedIfTheKernelSaysSo() {
        assertThat(firstByteOfUsed("linux-6.1-686-pae")).isZero();
        assertThat(firstByteOfUsed("linux-6.1-686-pae,init_on_alloc=0")).isEqualTo((byte) 7);
        assertThat(firstByteOfUsed("linux-3.8.13-odroidx")).isEqualTo((byte) 7);
    }

    private static byte firstByteOfUsed(String specification) {
        Kernel kernel = TestMachines.kernel(TestMachines.boot(specification));
        long object = kernel.kmalloc(1000, Gfp.GFP_KERNEL);
        kernel.memset(object, 7, 1000);
        kernel.kfree(object);
        assertThat(kernel.kmalloc(1000, Gfp.GFP_KERNEL)).isEqualTo(object);
        // the free pointer lies in the first word or in the middle
        return kernel.read(object + 100, 1)[0];
    }

    @Test
    void anotherSeedShufflesAnotherWay() {
        assertThat(order("linux-6.1-686-pae")).isEqualTo(order("linux-6.1-686-pae"));
        assertThat(order("linux-6.1-686-pae")).isNotEqualTo(order("linux-6.1-686-pae,slub_seed=2"));
        assertThat(order("linux-3.8.13-odroidx")).containsExactly(0L, 64L, 128L, 192L, 256L);
    }

    private static List<Long> order(String specification) {
        Machine machine = TestMachines.boot(specification);
        KmemCache cache = machine.objects()
                .createCache(new CacheSpec("mine", 64, 64, SlabFlag.SLAB_NOMERGE.bit(), ObjectConstructor.NONE));
        List<Long> offsets = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            offsets.add(machine.objects().allocObject(cache, machine.gfp().of(Gfp.GFP_KERNEL)) & 0xfff);
        }
        return offsets;
    }
}
