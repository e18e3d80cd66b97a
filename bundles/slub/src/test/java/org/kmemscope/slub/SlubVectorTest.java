package org.kmemscope.slub;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.RecordedSlabs;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.slab.SlabHandover;
import org.kmemscope.api.slab.SlabState;
import org.kmemscope.api.slab.SlabState.CacheState;
import org.kmemscope.api.slab.SlabState.CpuState;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.view.SlabCacheView;

/**
 * Operations of real 6.1 kernels from a known state: the model must answer each with the same address, make and discard the same slabs at
 * the same operations, and end in the same state. {@code -Dvectors=FOLDER} runs others.
 */
class SlubVectorTest {
    /** Names of parameters in a vector, and in sysfs or here. */
    private static final Map<String, String> PARAMETERS = Map.ofEntries(
            Map.entry("object_size", "object_size"),
            Map.entry("size", "slab_size"),
            Map.entry("align", "align"),
            Map.entry("inuse", "inuse"),
            Map.entry("offset", "offset"),
            Map.entry("oo_order", "order"),
            Map.entry("oo_objs", "objs_per_slab"),
            Map.entry("min_order", "min_order"),
            Map.entry("min_objs", "min_objects"),
            Map.entry("min_partial", "min_partial"),
            Map.entry("cpu_partial", "cpu_partial"),
            Map.entry("cpu_partial_slabs", "cpu_partial_slabs"),
            Map.entry("red_left", "red_left_pad"));

    static Stream<Path> vectors() throws Exception {
        Path folder = Path.of(System.getProperty("vectors", "src/test/resources/vectors"));
        try (Stream<Path> files = Files.walk(folder)) {
            return files
                    .filter(file -> file.getFileName().toString().matches("vec-(slub-.*|kmalloc)\\.txt\\.gz"))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void everyOperationOfARealKernelHasTheSameAnswer(Path path) throws Exception {
        Runner runner = new Runner(VectorFile.read(path), specification(path));
        runner.run();
        assertThat(runner.operations).isGreaterThan(1000);
        // the machine's own page tables were there before the recorded state was loaded
        assertThat(runner.machine.verify().problems())
                .filteredOn(problem -> !problem.contains("page table"))
                .isEmpty();
    }

    /** {@code i386-686-pae-1024M-seed1} is the profile linux-6.1-686-pae with so much memory. */
    private static String specification(Path path) {
        String[] words = path.getParent().getFileName().toString().split("-(?=\\d+M)");
        String kernel = words[0].substring(words[0].indexOf('-') + 1);
        return "linux-6.1-" + kernel + ",cpus=1,mem=" + words[1].replaceAll("M.*", "M");
    }

    private static final class Runner {
        final VectorFile vector;
        final Machine machine;
        final SlubAllocator slub;
        final RecordedSlabs recorded;
        final Map<String, KmemCache> caches = new HashMap<>();
        /** Slabs that went back to the page allocator since the last operation that the vector tells of. */
        final List<Integer> discarded = new ArrayList<>();

        long operations;

        Runner(VectorFile vector, String specification) {
            this.vector = vector;
            machine = TestMachines.bootBare(specification);
            machine.pages().load(vector.pageStates.get("start"));
            SlabState start = vector.slabStates.get("start");
            keepFree(start);
            machine.pages().adopting(true);
            slub = SlubAllocator.boot(machine, SlabHandover.NONE);
            vector.caches.forEach((name, fields) -> caches.put(name, cache(name, fields)));
            machine.pages().adopting(false);
            recorded = slub.recorded().orElseThrow();
            recorded.load(start);
            draw();
            machine.trace().listen((point, header, values) -> discarded.add((int) values[0]), TracePoint.MM_PAGE_FREE);
        }

        /** What the model itself needs must not come to lie where the recorded slabs are. */
        private void keepFree(SlabState state) {
            for (CacheState cache : state.caches()) {
                Stream.concat(cache.partial().stream(), cache.cpus().stream().flatMap(Runner::slabs))
                        .forEach(slab -> {
                            for (int pfn = slab.pfn(); pfn < slab.pfn() + slab.pages(); pfn++) {
                                machine.frames().set(pfn, PageFlag.SLAB);
                            }
                        });
            }
        }

        private static Stream<SlabState.Slab> slabs(CpuState cpu) {
            return Stream.concat(cpu.slab().stream(), cpu.partial().stream());
        }

        private KmemCache cache(String name, Map<String, String> fields) {
            KmemCache handle = name.startsWith("kmalloc") ? slub.cache(name) : create(name, fields);
            SlabCacheView view = slub.caches().stream()
                    .filter(candidate -> candidate.name().equals(name))
                    .findFirst()
                    .orElseThrow();
            PARAMETERS.forEach((theirs, ours) -> {
                if (fields.containsKey(theirs)) {
                    assertThat(view.attributes().get(ours))
                            .as("%s of %s", theirs, name)
                            .isEqualTo(fields.get(theirs));
                }
            });
            return handle;
        }

        private KmemCache create(String name, Map<String, String> fields) {
            int flags = SlabFlag.SLAB_NOMERGE.bit()
                    | switch (name.replaceAll("vec_\\d+", "")) {
                        case "h" -> SlabFlag.SLAB_HWCACHE_ALIGN.bit();
                        case "r" -> SlabFlag.SLAB_RECLAIM_ACCOUNT.bit();
                        case "y" -> SlabFlag.SLAB_TYPESAFE_BY_RCU.bit();
                        default -> 0;
                    };
            ObjectConstructor constructor = fields.get("ctor").equals("1")
                    ? object -> machine.ram().write32(machine.layout().virtToPhys(object), 0x5a5a)
                    : ObjectConstructor.NONE;
            int size = Integer.parseInt(fields.get("object_size"));
            return slub.createCache(new CacheSpec(name, size, 0, flags, constructor));
        }

        /** What the kernel drew at random, by cache: all the rest follows from the state. */
        private void draw() {
            vector.events.stream()
                    .filter(line -> line.startsWith("N "))
                    .map(VectorFile::fields)
                    .collect(Collectors.groupingBy(
                            fields -> fields.get("cache"),
                            Collectors.mapping(
                                    fields -> VectorFile.numbers(fields.get("freelist"))[0], Collectors.toList())))
                    .forEach((name, first) -> recorded.draw(
                            caches.get(name),
                            first.stream().mapToInt(Integer::intValue).toArray()));
        }

        void run() {
            for (String line : vector.events) {
                String[] words = line.split(" ");
                Map<String, String> fields = VectorFile.fields(line);
                switch (words[0]) {
                    case "a" -> allocate(line, fields, words);
                    case "f" -> free(words);
                    case "N" -> newSlab(line, fields);
                    case "D" ->
                        assertThat(discarded.remove((Integer) Integer.parseInt(fields.get("pfn"), 16)))
                                .as(line)
                                .isTrue();
                    default -> compare(line, words[1], words[2]);
                }
            }
            assertThat(PageLines.text(machine.pages().state())).isEqualTo(PageLines.text(vector.pageStates.get("end")));
        }

        private void allocate(String line, Map<String, String> fields, String[] words) {
            noSlabIsMissing(line);
            String size = fields.get("size");
            long object = size == null
                    ? slub.allocObject(caches.values().iterator().next(), vector.gfp)
                    : slub.kmalloc(Long.parseLong(size), vector.gfp);
            if (!Long.toHexString(object).equals(words[size == null ? 2 : 3])) {
                throw new AssertionError(line + ": got " + Long.toHexString(object));
            }
            operations++;
        }

        private void free(String[] words) {
            noSlabIsMissing(words[1]);
            long object = Long.parseLong(words[2], 16);
            boolean large = !machine.frames().is(machine.layout().virtToPfn(object), PageFlag.SLAB);
            slub.kfree(object);
            if (large) {
                discarded.clear();
            }
            operations++;
        }

        /** Every slab that was given back until here was told of. */
        private void noSlabIsMissing(String before) {
            assertThat(discarded).as("discarded before %s", before).isEmpty();
        }

        /** The slab that the last operation made: its first object was handed out, the others lie in this order. */
        private void newSlab(String line, Map<String, String> fields) {
            CpuState cpu = state(fields.get("cache")).cpus().get(0);
            SlabState.Slab slab = cpu.slab().orElseThrow();
            String free = numbers(cpu.free());
            String first = fields.get("freelist").split(",")[0];
            assertThat(String.format(
                            "pfn=%x order=%d objs=%d freelist=%s",
                            slab.pfn(), slab.order(), slab.objects(), free.isEmpty() ? first : first + "," + free))
                    .isEqualTo(line.substring(line.indexOf("pfn=")));
        }

        private CacheState state(String name) {
            return recorded.state(caches.get(name));
        }

        /** The state of a cache as the vector writes it. */
        private void compare(String line, String name, String tag) {
            boolean full = !tag.equals("at");
            assertThat(text(state(name), tag, full)).isEqualTo(line);
            CacheState expected = full ? find(vector.slabStates.get(tag), name) : null;
            if (full) {
                assertThat(state(name).random()).isEqualTo(expected.random());
                assertThat(state(name).sequence()).isEqualTo(expected.sequence());
            }
        }

        private static CacheState find(SlabState state, String name) {
            return state.caches().stream()
                    .filter(candidate -> candidate.name().equals(name))
                    .findFirst()
                    .orElseThrow();
        }

        private static String text(CacheState state, String tag, boolean full) {
            CpuState cpu = state.cpus().get(0);
            return String.format(
                    "SLUB %s %s nr_slabs=%d total_objects=%d nr_partial=%d cpu=%s%s cpu_partial=%s node_partial=%s",
                    state.name(),
                    tag,
                    state.slabs(),
                    state.objects(),
                    state.partial().size(),
                    cpu.slab().map(slab -> text(slab, full)).orElse("-"),
                    cpu.slab().isEmpty()
                            ? ""
                            : " cpu_free=" + cpu.free().length + (full ? "[" + numbers(cpu.free()) + "]" : ""),
                    text(cpu.partial(), full),
                    text(state.partial(), full));
        }

        private static String text(List<SlabState.Slab> slabs, boolean full) {
            return slabs.stream().map(slab -> text(slab, full)).collect(Collectors.joining(","));
        }

        private static String text(SlabState.Slab slab, boolean full) {
            return String.format(
                    "%x:%d/%d:o%d:f%d%s%s",
                    slab.pfn(),
                    slab.inUse(),
                    slab.objects(),
                    slab.order(),
                    slab.frozen() ? 1 : 0,
                    full ? "[" + numbers(slab.free()) + "]" : "",
                    slab.ahead() > 0 ? ":s" + slab.ahead() : "");
        }

        private static String numbers(int[] numbers) {
            return Arrays.stream(numbers).mapToObj(Integer::toString).collect(Collectors.joining(","));
        }
    }
}
