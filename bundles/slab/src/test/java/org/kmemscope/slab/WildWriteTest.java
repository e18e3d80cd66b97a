package org.kmemscope.slab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.error.KernelOops;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.view.ObjectView;

/** The management lies in RAM: who writes over it, destroys it, and somebody else finds out. */
class WildWriteTest {
    private static final int S_MEM = 12;
    private static final int IN_USE = 16;
    private static final int FREE = 20;

    private final Machine machine = TestMachines.boot("linux-2.6.38-mlinux");
    private final Kernel kernel = TestMachines.kernel(machine);
    private KmemCache cache;
    private long object;
    private long slab;

    @BeforeEach
    void aSlabWithSomeObjects() {
        cache = kernel.kmemCacheCreate(new CacheSpec("victim", 100, 0, 0, ObjectConstructor.NONE));
        object = kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
        slab = machine.objects().objectAt(object).orElseThrow().slab();
        assertThat(machine.verify().problems()).isEmpty();
    }

    /** Takes objects until one is not of this slab any more. */
    private void takeAll() {
        for (int i = 0; i < 100; i++) {
            kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
        }
    }

    @Test
    void theManagementIsWhereLinuxHasIt() {
        int objects = TestMachines.cache(machine, "victim").objectsPerSlab();
        assertThat(kernel.read32(slab + S_MEM)).isEqualTo((int) slab + 28 + 4 * objects);
        assertThat(kernel.read32(slab + IN_USE)).isEqualTo(16);
        assertThat(kernel.read32(slab + FREE)).isEqualTo(16);
        assertThat(kernel.read32(slab + 28 + 4 * 16)).isEqualTo(17);
        assertThat(kernel.read32(slab + 28 + 4 * (objects - 1))).isEqualTo(-1);
        long next = kernel.read32(slab) & 0xffff_ffffL;
        assertThat(kernel.read32(next + 4)).as("a ring of links").isEqualTo((int) slab);
        assertThat(machine.whatis(next))
                .anyMatch(fact -> fact.text().equals("struct kmem_list3 of cache victim: heads of its lists of slabs"));
    }

    @Test
    void anOverwrittenIndexIsFoundWhenTheChainGetsThere() {
        kernel.write32(slab + 28 + 4 * 20, 0x6b6b6b6b);
        assertThat(machine.verify().problems()).anyMatch(problem -> problem.contains("leads to object 1802201963"));
        assertThatThrownBy(this::takeAll)
                .isInstanceOf(KernelBug.class)
                .hasMessageContaining("slab: Internal list corruption detected in cache 'victim'(39), slabp "
                        + Long.toHexString(slab));
        assertThat(machine.log().lines()).anyMatch(line -> line.text().startsWith("000:"));
    }

    @Test
    void aChainThatLeadsToALiveObjectHandsItOutToNobody() {
        int live = machine.objects().objectAt(object).orElseThrow().index();
        kernel.write32(slab + 28 + 4 * 20, live);
        kernel.write32(slab + 28 + 4 * live, 22);
        assertThatThrownBy(this::takeAll)
                .isInstanceOf(KernelBug.class)
                .hasMessageContaining("its free chain led to object " + live)
                .hasMessageContaining("allocated");
    }

    @Test
    void aChainThatRunsInACircleIsABugAsInLinux() {
        kernel.write32(slab + 28 + 4 * 20, 18);
        assertThat(machine.verify().problems()).anyMatch(problem -> problem.endsWith("leads to object 18 twice"));
        assertThatThrownBy(this::takeAll)
                .isInstanceOf(KernelBug.class)
                .hasMessageContaining("on a list of slabs with free objects, but 39 of its 39 are in use");
    }

    @Test
    void anOverwrittenAddressOfTheObjectsIsFoundBeforeItIsUsed() {
        kernel.write32(slab + S_MEM, (int) slab + 4);
        assertThat(machine.objects().objectAt(object)).as("nobody can tell").isEmpty();
        assertThat(machine.whatis(object)).anyMatch(fact -> fact.text().contains("is overwritten"));
        assertThatThrownBy(this::takeAll).isInstanceOf(KernelBug.class).hasMessageContaining("s_mem 0x");
    }

    @Test
    void anOverwrittenCountIsABugAsInLinux() {
        kernel.write32(slab + IN_USE, 1000);
        assertThatThrownBy(this::takeAll)
                .isInstanceOf(KernelBug.class)
                .hasMessageContaining("on a list of slabs with free objects, but 1000 of its 39 are in use");
    }

    @Test
    void overwrittenLinksOops() {
        kernel.memset(slab, 0, 8);
        assertThat(machine.verify().problems()).isNotEmpty();
        assertThat(machine.views().slabCaches()).as("can still be looked at").isNotEmpty();
        assertThatThrownBy(this::takeAll).isInstanceOf(KernelOops.class);
    }

    @Test
    void anObjectThatIsWrittenBeforeItsStartHitsTheManagementOfTheNextSlab() {
        List<Long> all = new ArrayList<>();
        long first = object;
        while (machine.objects().objectAt(first).orElseThrow().index() != 0) {
            first = kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
            all.add(first);
        }
        kernel.memset(first - 8, 0x5a, 8);
        ObjectView view = machine.objects().objectAt(first).orElseThrow();
        assertThat(view.index()).isZero();
        assertThat(machine.whatis(first - 8))
                .anyMatch(fact -> fact.text().contains("free index (kmem_bufctl_t) of object"));
        assertThat(machine.verify().problems()).isNotEmpty();
    }

    @Test
    void aFreedObjectIsFoundFreedWhateverIsInTheManagement() {
        kernel.kmemCacheFree(cache, object);
        kernel.memset(slab + 28, 0, 4 * 39);
        assertThatThrownBy(() -> kernel.kmemCacheFree(cache, object)).hasMessageContaining("double free detected");
    }
}
