package org.kmemscope.slub;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.machine.exchange.ExchangeableObjects;

/** The cases of the kernel's own test of SLUB ({@code slub_kunit}), with the errors that it expects, in several kernels. */
class SlubKunitTest {
    private static final int SIZE = 64;
    private static final String PAE = "linux-6.1-686-pae";
    private static final String ARMMP = "linux-6.1-armmp";
    private static final String GOLDFISH_29 = "linux-2.6.29-goldfish";
    private static final String GOLDFISH_34 = "linux-3.4.67-goldfish";
    private static final String ODROID = "linux-3.8.13-odroidx";

    private Machine machine;
    private Kernel kernel;
    private KmemCache cache;

    /** A private cache with some flags, and its first object. */
    private long objectOf(String specification, SlabFlag... flags) {
        machine = TestMachines.boot(specification);
        kernel = TestMachines.kernel(machine);
        int bits = SlabFlag.SLAB_NOMERGE.bit();
        for (SlabFlag flag : flags) {
            bits |= flag.bit();
        }
        cache = kernel.kmemCacheCreate(new CacheSpec("TestSlub", SIZE, 0, bits, ObjectConstructor.NONE));
        return kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
    }

    private int validate() {
        return machine.objects().validateCache(cache);
    }

    private void isFineNow() {
        assertThat(validate()).isZero();
        assertThat(machine.verify().problems()).isEmpty();
    }

    private void write(long virt, int value) {
        kernel.memset(virt, value, 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {PAE, ARMMP, GOLDFISH_29, GOLDFISH_34, ODROID})
    void clobberZone(String specification) {
        long object = objectOf(specification, SlabFlag.SLAB_RED_ZONE);
        write(object + SIZE, 0x12);
        assertThat(validate()).isEqualTo(2);
        isFineNow();
        kernel.kmemCacheFree(cache, object);
        assertThat(kernel.kmemCacheDestroy(cache)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {PAE, ARMMP, GOLDFISH_29, GOLDFISH_34, ODROID})
    void nextPointer(String specification) {
        long object = objectOf(specification, SlabFlag.SLAB_POISON);
        kernel.kmemCacheFree(cache, object);
        int offset = Integer.parseInt(
                TestMachines.cache(machine, "TestSlub").attributes().get("offset"));
        byte[] before = kernel.read(object + offset, Integer.BYTES);
        write(object + offset, ~before[0]);
        // the corrupted chain, the wrong count of objects in use, and that it was adjusted
        assertThat(validate()).isEqualTo(3);
        kernel.write(object + offset, before);
        // the count is wrong again
        assertThat(validate()).isEqualTo(2);
        isFineNow();
    }

    @ParameterizedTest
    @ValueSource(strings = {PAE, ARMMP, GOLDFISH_29, GOLDFISH_34, ODROID})
    void firstWord(String specification) {
        long object = objectOf(specification, SlabFlag.SLAB_POISON);
        kernel.kmemCacheFree(cache, object);
        write(object, 0x78);
        assertThat(validate()).isEqualTo(2);
        isFineNow();
    }

    @ParameterizedTest
    @ValueSource(strings = {PAE, ARMMP, GOLDFISH_29, GOLDFISH_34, ODROID})
    void clobber50thByte(String specification) {
        long object = objectOf(specification, SlabFlag.SLAB_POISON);
        kernel.kmemCacheFree(cache, object);
        write(object + 50, 0x9a);
        assertThat(validate()).isEqualTo(2);
        isFineNow();
    }

    @ParameterizedTest
    @ValueSource(strings = {PAE, ARMMP, GOLDFISH_29, GOLDFISH_34, ODROID})
    void clobberRedzoneFree(String specification) {
        long object = objectOf(specification, SlabFlag.SLAB_RED_ZONE);
        kernel.kmemCacheFree(cache, object);
        write(object + SIZE, 0xab);
        assertThat(validate()).isEqualTo(2);
        isFineNow();
    }

    @ParameterizedTest
    @ValueSource(strings = {PAE, ARMMP, GOLDFISH_29, GOLDFISH_34, ODROID})
    void leakDestroy(String specification) {
        long object = objectOf(specification);
        SlubAllocator slub = (SlubAllocator) ((ExchangeableObjects) machine.objects()).bound();
        long before = slub.errors();
        assertThat(kernel.kmemCacheDestroy(cache)).isFalse();
        assertThat(slub.errors() - before).isEqualTo(2);
        kernel.kmemCacheFree(cache, object);
        assertThat(kernel.kmemCacheDestroy(cache)).isTrue();
    }

    /** From 6.2 on the red zone of kmalloc begins where the caller said it needs no more. */
    @Test
    void kmallocRedzoneAccess(@TempDir Path folder) throws IOException {
        String later = TestMachines.variant(folder, PAE, "\"version\": \"6.1.176\"", "\"version\": \"6.6.1\"");
        machine = TestMachines.boot(later + ",slub_debug=ZU");
        kernel = TestMachines.kernel(machine);
        cache = machine.objects().cache("kmalloc-32");
        long object = kernel.kmalloc(18, Gfp.GFP_KERNEL);
        write(object + 18, 0xab);
        write(object + 19, 0xab);
        assertThat(validate()).isEqualTo(2);
        List<String> log =
                machine.log().lines().stream().map(KernelLog.Line::text).toList();
        assertThat(log).contains("BUG kmalloc-32 (Not tainted): kmalloc Redzone overwritten");
        isFineNow();
        kernel.kfree(object);
    }
}
