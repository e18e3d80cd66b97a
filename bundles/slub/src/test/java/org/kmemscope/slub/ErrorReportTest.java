package org.kmemscope.slub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;

/**
 * The same mistakes as in real 6.1 kernels get the same reports, but for what depends on the boot: where the slab lies, which process it
 * was, what else had gone wrong before, the stack.
 */
class ErrorReportTest {
    private static final int CHECKED = SlabFlag.SLAB_CONSISTENCY_CHECKS.bit()
            | SlabFlag.SLAB_RED_ZONE.bit()
            | SlabFlag.SLAB_POISON.bit()
            | SlabFlag.SLAB_STORE_USER.bit();

    private static final Pattern OFFSET = Pattern.compile("Object 0x(\\w+) @offset=(\\d+)");

    static Stream<CaptureFolder> captures() {
        return CaptureFolder.with("dmesg-err-redzone.txt");
    }

    /** A mistake on a fresh machine, and what the real kernel said of it. */
    private static final class Mistake {
        final Machine machine;
        final ObjectAllocator objects;
        final Kernel kernel;
        final List<String> theirs;
        final int gfp;

        Mistake(CaptureFolder capture, String name) {
            machine = TestMachines.boot(capture.machine());
            objects = machine.objects();
            kernel = TestMachines.kernel(machine);
            gfp = machine.gfp().of(Gfp.GFP_KERNEL);
            theirs = told(capture.lines("dmesg-err-" + name + ".txt").stream()
                    .map(line -> line.replaceFirst("^\\[[^]]*\\] ", ""))
                    .toList());
            machine.log().clear();
        }

        KmemCache cache(String name, int size, int flags) {
            return objects.createCache(new CacheSpec(name, size, 0, flags, ObjectConstructor.NONE));
        }

        /** Lets the next slab begin with the object that the real kernel's began with. */
        void sameFirst(KmemCache cache, int stride) {
            List<Integer> first = new ArrayList<>();
            for (String line : theirs) {
                Matcher offset = OFFSET.matcher(line);
                if (offset.find()) {
                    first.add(Integer.parseInt(offset.group(2)) / stride);
                }
            }
            objects.recorded().orElseThrow().draw(cache, first.get(0));
        }

        void write(long virt, int value, int length) {
            machine.ram().fill(machine.layout().virtToPhys(virt), length, value);
        }

        void isToldAlike() {
            List<String> ours = told(
                    machine.log().lines().stream().map(KernelLog.Line::text).toList());
            assertThat(ours).isEqualTo(theirs);
            assertThat(machine.verify().problems()).isEmpty();
        }
    }

    /** The lines that do not depend on the boot, without what does. */
    private static List<String> told(List<String> lines) {
        return lines.stream()
                .filter(line ->
                        !line.matches("( |CPU: |Hardware|Call Trace|E[ABSD][PXI]|ESI|DS:|CR|Code|Modules|9f|Exception"
                                + "|Stack Depot|Disabling|-+\\[|EIP).*"))
                .map(line -> line.replaceAll("\\((Not tainted|Tainted: .*?)\\): ", ": ")
                        .replaceAll("Slab 0x\\w+", "Slab")
                        .replaceAll("fp=0x[c-f]\\w+", "fp")
                        .replaceAll("(0x| )[c-f]\\w{4}(\\w{3})\\b", "$1$2")
                        .replaceAll("(Allocated|Freed) in .* age=\\d+ cpu=(\\d+) pid=\\d+", "$1 cpu=$2")
                        .replaceAll("when called from .*", "when called from")
                        .replaceAll("WARNING: CPU.*", "")
                        .replaceAll("-+\\[.*|invalid opcode.*", ""))
                .filter(line -> !line.isEmpty())
                .toList();
    }

    @ParameterizedTest
    @MethodSource("captures")
    void aWriteBehindAnObject(CaptureFolder capture) {
        Mistake mistake = new Mistake(capture, "redzone");
        KmemCache cache = mistake.cache("oracle_rz", 100, CHECKED);
        mistake.sameFirst(cache, 160);
        long object = mistake.kernel.kmemCacheAlloc(cache, mistake.gfp);
        mistake.write(object, 0x41, 100);
        mistake.write(object + 100, 0x42, 1);
        mistake.kernel.kmemCacheFree(cache, object);
        mistake.isToldAlike();
    }

    @ParameterizedTest
    @MethodSource("captures")
    void aWriteToAFreedObject(CaptureFolder capture) {
        Mistake mistake = new Mistake(capture, "use_after_free");
        KmemCache cache = mistake.cache("oracle_uaf", 100, CHECKED);
        mistake.sameFirst(cache, 160);
        long object = mistake.kernel.kmemCacheAlloc(cache, mistake.gfp);
        mistake.kernel.kmemCacheFree(cache, object);
        mistake.write(object + 20, 0x43, 1);
        for (int i = 0; i < 100; i++) {
            assertThat(mistake.kernel.kmemCacheAlloc(cache, mistake.gfp)).isNotEqualTo(object);
        }
        mistake.isToldAlike();
    }

    @ParameterizedTest
    @MethodSource("captures")
    void aSecondFree(CaptureFolder capture) {
        Mistake mistake = new Mistake(capture, "double_free_debug");
        KmemCache cache = mistake.cache("oracle_df", 100, CHECKED);
        long object = mistake.kernel.kmemCacheAlloc(cache, mistake.gfp);
        mistake.kernel.kmemCacheFree(cache, object);
        mistake.kernel.kmemCacheFree(cache, object);
        String fix = String.format("FIX oracle_df: Object at 0x%03x not freed", object & 0xfff);
        List<String> ours = told(
                mistake.machine.log().lines().stream().map(KernelLog.Line::text).toList());
        assertThat(ours).last().isEqualTo(fix);
        assertThat(ours.subList(0, ours.size() - 1)).isEqualTo(mistake.theirs.subList(0, mistake.theirs.size() - 1));
    }

    @ParameterizedTest
    @MethodSource("captures")
    void aCacheThatIsDestroyedWithObjects(CaptureFolder capture) {
        Mistake mistake = new Mistake(capture, "slab_leak");
        KmemCache cache = mistake.cache("oracle_leak", 200, SlabFlag.SLAB_TYPESAFE_BY_RCU.bit());
        long one = mistake.kernel.kmemCacheAlloc(cache, mistake.gfp);
        long other = mistake.kernel.kmemCacheAlloc(cache, mistake.gfp);
        assertThat(mistake.objects.destroyCache(cache)).isFalse();
        List<String> ours =
                mistake.machine.log().lines().stream().map(KernelLog.Line::text).toList();
        assertThat(ours)
                .contains(
                        String.format("Object 0x%08x @offset=%d", one, one & 0xfff),
                        String.format("Object 0x%08x @offset=%d", other, other & 0xfff));
        assertThat(told(ours).stream()
                        .map(line -> line.replaceAll("Object 0x.*", "Object"))
                        .toList())
                .isEqualTo(mistake.theirs.stream()
                        .map(line -> line.replaceAll("Object 0x.*", "Object"))
                        .toList());
        mistake.kernel.kmemCacheFree(cache, one);
        mistake.kernel.kmemCacheFree(cache, other);
        assertThat(mistake.objects.destroyCache(cache)).isTrue();
    }

    @ParameterizedTest
    @MethodSource("captures")
    void anObjectThatIsFreedToAnotherCache(CaptureFolder capture) {
        Mistake mistake = new Mistake(capture, "kmem_cache_free_wrong");
        KmemCache cache = mistake.cache("oracle_w1", 200, SlabFlag.SLAB_TYPESAFE_BY_RCU.bit());
        KmemCache other = mistake.cache("oracle_w2", 300, SlabFlag.SLAB_TYPESAFE_BY_RCU.bit());
        long object = mistake.kernel.kmemCacheAlloc(cache, mistake.gfp);
        mistake.kernel.kmemCacheFree(other, object);
        mistake.isToldAlike();
        assertThat(mistake.objects.destroyCache(cache)).isTrue();
        assertThat(mistake.objects.destroyCache(other)).isTrue();
    }

    @ParameterizedTest
    @MethodSource("captures")
    void aCacheOfObjectsThatAreTooLarge(CaptureFolder capture) {
        // where the largest block is of 8 MiB, they are not
        assumeThat(capture.has("dmesg-err-slab_too_big.txt")).isTrue();
        Mistake mistake = new Mistake(capture, "slab_too_big");
        assertThat(mistake.cache("oracle_5m", 5 << 20, 0)).isEqualTo(KmemCache.NONE);
        mistake.isToldAlike();
    }

    @ParameterizedTest
    @MethodSource("captures")
    void aLargeRequestForHighMemory(CaptureFolder capture) {
        Mistake mistake = new Mistake(capture, "kmalloc_highmem_large");
        int highmem = mistake.machine.gfp().of(Gfp.__GFP_HIGHMEM);
        long object = mistake.objects.kmalloc(65536, mistake.gfp | highmem);
        assertThat(mistake.machine.layout().isLinear(object)).isTrue();
        mistake.isToldAlike();
    }
}
