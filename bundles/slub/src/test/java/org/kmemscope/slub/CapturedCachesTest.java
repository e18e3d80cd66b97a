package org.kmemscope.slub;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.view.SlabCacheView;

/** Every cache of every captured {@code /sys/kernel/slab} and {@code /proc/slabinfo}. */
class CapturedCachesTest {
    private static final List<String> BOOT = List.of("kmem_cache", "kmem_cache_node");

    static Stream<CaptureFolder> sysfs() {
        return CaptureFolder.with("sys-kernel-slab.txt");
    }

    /**
     * The caches that are there after boot; and of all others, size, order and objects of a slab as they follow from the size, alignment
     * and flags of an object.
     */
    @ParameterizedTest
    @MethodSource("sysfs")
    void everyCacheHasTheGeometryOfTheRealOne(CaptureFolder capture) {
        Machine machine = TestMachines.boot(capture.machine());
        SlubRules rules = SlubRules.of(machine);
        theBootCachesAreThoseOfTheRealKernelInItsOrder(capture, machine);
        theBootCachesAreFoundInSysfs(capture, machine);
        Map<String, Map<String, String>> caches = capture.sysfs("sys-kernel-slab.txt");
        assertThat(caches).hasSizeGreaterThan(50);
        List<String> different = new ArrayList<>();
        caches.forEach((name, attributes) -> {
            List<String> ours = tries(rules, name, attributes);
            if (!ours.contains(shape(attributes))) {
                different.add(name + ": " + shape(attributes) + ", here " + ours);
            }
        });
        assertThat(different).isEmpty();
    }

    /** What comes out with and without a constructor, which sysfs does not tell of. */
    private static List<String> tries(SlubRules rules, String name, Map<String, String> attributes) {
        int flags = 0;
        flags |= bit(attributes, "hwcache_align", SlabFlag.SLAB_HWCACHE_ALIGN);
        flags |= bit(attributes, "cache_dma", SlabFlag.SLAB_CACHE_DMA);
        flags |= bit(attributes, "reclaim_account", SlabFlag.SLAB_RECLAIM_ACCOUNT);
        flags |= bit(attributes, "destroy_by_rcu", SlabFlag.SLAB_TYPESAFE_BY_RCU);
        flags |= bit(attributes, "sanity_checks", SlabFlag.SLAB_CONSISTENCY_CHECKS);
        flags |= bit(attributes, "red_zone", SlabFlag.SLAB_RED_ZONE);
        flags |= bit(attributes, "poison", SlabFlag.SLAB_POISON);
        flags |= bit(attributes, "store_user", SlabFlag.SLAB_STORE_USER);
        int objectSize = Integer.parseInt(attributes.get("object_size"));
        int align = rules.layout().align(Integer.parseInt(attributes.get("align")), objectSize, flags);
        List<String> shapes = new ArrayList<>();
        for (boolean constructed : new boolean[] {false, true}) {
            ObjectLayout layout =
                    ObjectLayout.of(objectSize, align, flags, constructed, name.contains("kmalloc"), rules.layout());
            int order = rules.orders().of(layout.size());
            int cpuPartial = (flags & Cache.DEBUG_FLAGS) == 0 ? rules.partials().objects(layout.size()) : 0;
            shapes.add(shape(Map.of(
                    "slab_size", Integer.toString(layout.size()),
                    "order", Integer.toString(order),
                    "objs_per_slab", Integer.toString(SlabOrders.objects(order, layout.size())),
                    "min_partial",
                            attributes.containsKey("min_partial")
                                    ? Integer.toString(rules.minPartial().of(layout.size()))
                                    : "?",
                    "cpu_partial", attributes.containsKey("cpu_partial") ? Integer.toString(cpuPartial) : "?")));
        }
        return shapes;
    }

    private static int bit(Map<String, String> attributes, String name, SlabFlag flag) {
        return "1".equals(attributes.get(name)) ? flag.bit() : 0;
    }

    private static String shape(Map<String, String> attributes) {
        return String.format(
                "%s bytes, order %s, %s objects, min_partial %s, cpu_partial %s",
                attributes.get("slab_size"),
                attributes.get("order"),
                attributes.get("objs_per_slab"),
                attributes.getOrDefault("min_partial", "?"),
                attributes.getOrDefault("cpu_partial", "?"));
    }

    /** The caches of the allocator itself and those of kmalloc are there after boot, in the order of the real kernel. */
    private static void theBootCachesAreThoseOfTheRealKernelInItsOrder(CaptureFolder capture, Machine machine) {
        if (!capture.has("proc-slabinfo.txt")) {
            return;
        }
        List<List<String>> ours = machine.views().slabCaches().stream()
                .map(CapturedCachesTest::row)
                .toList();
        List<List<String>> theirs = capture.slabinfo().stream()
                .filter(row -> row.get(0).contains("kmalloc-") || BOOT.contains(row.get(0)))
                .toList();
        assertThat(theirs).hasSizeGreaterThan(8);
        assertThat(ours).isEqualTo(theirs);
        assertThat(machine.verify().problems()).isEmpty();
    }

    private static List<String> row(SlabCacheView view) {
        return List.of(
                view.name(),
                Integer.toString(view.objectSize()),
                Integer.toString(view.objectsPerSlab()),
                Integer.toString(view.pagesPerSlab()));
    }

    /** Directories in sysfs have the names of the real kernel. */
    private static void theBootCachesAreFoundInSysfs(CaptureFolder capture, Machine machine) {
        Map<String, Map<String, String>> theirs = capture.sysfs("sys-kernel-slab.txt");
        for (SlabCacheView view : machine.views().slabCaches()) {
            Map<String, String> attributes = theirs.get(view.name());
            assertThat(attributes).as(view.name()).isNotNull();
            String link = attributes.get("link");
            assertThat(view.attributes().get("id")).as(view.name()).isEqualTo(link == null ? view.name() : link);
            for (String name : List.of("object_size", "slab_size", "order", "objs_per_slab", "align")) {
                assertThat(view.attributes().get(name))
                        .as("%s of %s", name, view.name())
                        .isEqualTo(attributes.get(name));
            }
        }
    }
}
