package org.kmemscope.slub;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.trace.TracePoint;

/** What a module found in real 6.1 kernels when it made caches, allocated from them and from kmalloc. */
class OracleTest {
    /** Bits of the real kernel's flags. */
    private static final Map<SlabFlag, Integer> BITS = Map.of(
            SlabFlag.SLAB_CONSISTENCY_CHECKS, 0x100,
            SlabFlag.SLAB_RED_ZONE, 0x400,
            SlabFlag.SLAB_POISON, 0x800,
            SlabFlag.SLAB_HWCACHE_ALIGN, 0x2000,
            SlabFlag.SLAB_CACHE_DMA, 0x4000,
            SlabFlag.SLAB_STORE_USER, 0x10000,
            SlabFlag.SLAB_RECLAIM_ACCOUNT, 0x20000,
            SlabFlag.SLAB_TYPESAFE_BY_RCU, 0x80000,
            SlabFlag.SLAB_ACCOUNT, 0x4000000);

    private static final Map<String, String> ATTRIBUTES = Map.ofEntries(
            Map.entry("object_size", "object_size"),
            Map.entry("size", "slab_size"),
            Map.entry("inuse", "inuse"),
            Map.entry("align", "align"),
            Map.entry("offset", "offset"),
            Map.entry("order", "order"),
            Map.entry("objs", "objs_per_slab"),
            Map.entry("min_order", "min_order"),
            Map.entry("min_objs", "min_objects"),
            Map.entry("cpu_partial", "cpu_partial"),
            Map.entry("cpu_partial_slabs", "cpu_partial_slabs"),
            Map.entry("min_partial", "min_partial"),
            Map.entry("cache", "cache"),
            Map.entry("refcount", "refcount"),
            Map.entry("kmem_cache_size", "kmem_cache_size"));

    static Stream<CaptureFolder> captures() {
        return CaptureFolder.with("oracle-slab_create.txt");
    }

    private static int flags(int bits) {
        return BITS.entrySet().stream()
                .filter(entry -> (bits & entry.getValue()) != 0)
                .mapToInt(entry -> entry.getKey().bit())
                .sum();
    }

    /** A machine with all caches of the real kernel, made in its order and merged as there. */
    private static ObjectAllocator furnished(Machine machine, CaptureFolder capture) {
        ObjectAllocator objects = machine.objects();
        Map<String, Map<String, String>> sysfs = capture.sysfs("sys-kernel-slab.txt");
        Map<String, List<String>> aliases = new HashMap<>();
        sysfs.forEach((name, attributes) -> aliases.computeIfAbsent(
                        attributes.getOrDefault("link", name), key -> new ArrayList<>())
                .add(name));
        List<String> names = new ArrayList<>(
                capture.slabinfo().stream().map(row -> row.get(0)).toList());
        Collections.reverse(names);
        for (String name : names) {
            if (objects.cache(name) == KmemCache.NONE) {
                create(objects, name, sysfs.get(name));
                String id = sysfs.get(name).getOrDefault("link", "");
                for (String alias : aliases.getOrDefault(id, List.of())) {
                    if (!alias.equals(name) && !alias.startsWith(":")) {
                        create(objects, alias, sysfs.get(name));
                    }
                }
            }
        }
        return objects;
    }

    private static void create(ObjectAllocator objects, String name, Map<String, String> attributes) {
        String id = attributes.getOrDefault("link", "");
        int flags = id.isEmpty() ? SlabFlag.SLAB_NOMERGE.bit() : 0;
        flags |= id.matches(":[a-zA-Z]*A[a-zA-Z]*-.*") ? SlabFlag.SLAB_ACCOUNT.bit() : 0;
        flags |= attributes.get("hwcache_align").equals("1") ? SlabFlag.SLAB_HWCACHE_ALIGN.bit() : 0;
        flags |= attributes.get("cache_dma").equals("1") ? SlabFlag.SLAB_CACHE_DMA.bit() : 0;
        flags |= attributes.get("reclaim_account").equals("1") ? SlabFlag.SLAB_RECLAIM_ACCOUNT.bit() : 0;
        flags |= attributes.get("destroy_by_rcu").equals("1") ? SlabFlag.SLAB_TYPESAFE_BY_RCU.bit() : 0;
        CacheSpec spec = new CacheSpec(
                name,
                Integer.parseInt(attributes.get("object_size")),
                Integer.parseInt(attributes.get("align")),
                flags,
                ObjectConstructor.NONE);
        assertThat(objects.createCache(spec).id()).isPositive();
    }

    static Map<String, String> attributes(ObjectAllocator objects, KmemCache handle) {
        return objects.caches().stream()
                .map(view -> view.attributes())
                .filter(attributes ->
                        List.of(attributes.get("names").split(" ")).contains(handle.name()))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @MethodSource("captures")
    void newCachesGetTheGeometryAndTheNeighboursOfTheRealKernel(CaptureFolder capture) {
        Machine machine = TestMachines.boot(capture.machine());
        ObjectAllocator objects = furnished(machine, capture);
        Map<String, KmemCache> made = new LinkedHashMap<>();
        List<String> different = new ArrayList<>();
        for (String line : capture.lines("oracle-slab_create.txt")) {
            Map<String, String> f = VectorFile.fields(line);
            String name = f.get("name");
            KmemCache cache = objects.createCache(new CacheSpec(
                    name,
                    Integer.parseInt(line.replaceAll(".* size=(\\d+) align=.* flags.* cache=.*", "$1")),
                    Integer.parseInt(line.replaceAll(".* align=(\\d+) flags.* cache=.*", "$1")),
                    flags(Integer.decode(line.replaceAll(".* flags=(0x\\w+) cache=.*", "$1"))),
                    ObjectConstructor.NONE));
            made.put(name, cache);
            Map<String, String> ours = new HashMap<>(attributes(objects, cache));
            ours.put("cache", ours.get("names").split(" ")[0]);
            ours.put("refcount", Integer.toString(Integer.parseInt(ours.get("aliases")) + 1));
            ours.put("kmem_cache_size", Integer.toString(objects.objectSize(cache)));
            ATTRIBUTES.forEach((theirs, mine) -> {
                // the free pointer's place follows from the size the first of merged caches was made with: not in sysfs
                boolean told = made.containsKey(f.get("cache")) || !theirs.equals("offset");
                if (told && !ours.get(mine).equals(f.get(theirs))) {
                    different.add(String.format("%s of %s: %s", theirs, name, ours.get(mine)));
                }
            });
        }
        assertThat(made).hasSize(114);
        assertThat(different).isEmpty();
        made.values().forEach(cache -> assertThat(objects.destroyCache(cache)).isTrue());
        assertThat(machine.verify().problems()).isEmpty();
    }

    private static KmemCache rcu(ObjectAllocator objects, int size) {
        return objects.createCache(new CacheSpec(
                "oracle_" + size + "_rcu", size, 0, SlabFlag.SLAB_TYPESAFE_BY_RCU.bit(), ObjectConstructor.NONE));
    }

    /** Objects are allocated from one slab after the other; then counters are read while some are held. */
    @ParameterizedTest
    @MethodSource("captures")
    void slabsAreFilledAndCountedAsInTheRealKernel(CaptureFolder capture) {
        Machine machine = TestMachines.boot(capture.machine());
        ObjectAllocator objects = machine.objects();
        int gfp = machine.gfp().of(Gfp.GFP_KERNEL);
        Map<String, KmemCache> caches = new HashMap<>();
        for (String line : capture.lines("oracle-slab_alloc.txt")) {
            if (!line.startsWith("EXP")) {
                continue;
            }
            Map<String, String> f = VectorFile.fields(line);
            KmemCache cache = rcu(objects, Integer.parseInt(f.get("name").replaceAll("\\D", "")));
            caches.put(cache.name(), cache);
            long[] held = new long[Integer.parseInt(f.get("n"))];
            List<String> slabs = new ArrayList<>();
            List<Integer> allocated = new ArrayList<>();
            machine.trace().listen((point, header, values) -> allocated.add((int) values[1]), TracePoint.MM_PAGE_ALLOC);
            for (int i = 0; i < held.length; i++) {
                int before = allocated.size();
                held[i] = objects.allocObject(cache, gfp);
                if (allocated.size() > before) {
                    slabs.add("slab@" + i + " order " + allocated.get(before));
                }
            }
            List<String> theirs = Stream.of(line.split(" "))
                    .filter(word -> word.startsWith("slab@"))
                    .map(word -> word.replaceAll("=.*order:", " order ").replaceAll(",.*", ""))
                    .toList();
            assertThat(slabs).as(cache.name()).isEqualTo(theirs);
            for (long object : held) {
                objects.freeObject(cache, object);
            }
        }
        if (capture.has("slab_hold.txt")) {
            HeldObjects.replay(capture.lines("slab_hold.txt"), machine, caches.get("oracle_192_rcu"));
        }
        assertThat(machine.verify().problems()).isEmpty();
    }

    /** kmalloc by size and mask: what cache or how many pages, from which zone, and ksize. */
    @ParameterizedTest
    @MethodSource("captures")
    void kmallocServesEachSizeFromTheSameCache(CaptureFolder capture) {
        if (!capture.has("oracle-kmalloc.txt")) {
            return;
        }
        Machine machine = TestMachines.boot(capture.machine());
        ObjectAllocator objects = machine.objects();
        List<String> different = new ArrayList<>();
        int checked = 0;
        for (String line : capture.lines("oracle-kmalloc.txt")) {
            if (!line.startsWith("EXP kmalloc ") || line.contains("FAILED")) {
                continue;
            }
            Map<String, String> f = VectorFile.fields(line);
            long object = objects.kmalloc(Long.parseLong(f.get("size")), Integer.decode(f.get("gfp")));
            String ours = "ksize=" + objects.ksize(object);
            String theirs = "ksize=" + f.get("ksize");
            if (f.containsKey("zone")) {
                int zone = machine.frames().zone(machine.layout().virtToPfn(object));
                String cache = objects.objectAt(object).orElseThrow().cache();
                ours += " zone=" + machine.pages().zoneType(zone).label() + " cache=" + cache;
                theirs += " zone=" + f.get("zone") + " cache=" + f.get("cache");
            }
            if (!ours.equals(theirs.replaceAll("cache=-$", "cache=kmalloc"))) {
                different.add(line + ": " + ours);
            }
            objects.kfree(object);
            checked++;
        }
        assertThat(checked).isGreaterThan(50);
        assertThat(different).isEmpty();
        assertThat(machine.verify().problems()).isEmpty();
    }
}
