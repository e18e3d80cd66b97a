package org.kmemscope.zone;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kmemscope.api.ground.ZoneLimits;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.page.ZoneType;
import org.kmemscope.buddy.BuddyProvider;
import org.kmemscope.gfp.EraGfpProvider;

/** Operations of real 6.1 kernels from a known state: the model must answer each with the same pfn, and end in the same state. */
class PageVectorTest {
    static Stream<Path> vectors() throws Exception {
        Path folder = Path.of(System.getProperty("vectors", "src/test/resources/vectors"));
        try (Stream<Path> files = Files.walk(folder)) {
            return files
                    .filter(file -> file.getFileName().toString().startsWith("vec-page-"))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void everyOperationOfARealKernelHasTheSameAnswer(Path path) throws Exception {
        VectorFile vector = VectorFile.read(path);
        Runner runner = new Runner(vector);
        runner.run();
        assertThat(runner.operations).isPositive();
    }

    static final class Runner {
        final VectorFile vector;
        final ZonedPageAllocator pages;
        final List<Integer> live = new ArrayList<>();
        long operations;
        private boolean sawFull;

        Runner(VectorFile vector) {
            this.vector = vector;
            pages = allocator(vector);
            pages.load(vector.states.get("start"));
            same("start");
        }

        private static ZonedPageAllocator allocator(VectorFile vector) {
            boolean cma = "6".equals(vector.constants.get("migratetypes"));
            PageState start = vector.states.get("start");
            ZoneType[] types = {ZoneType.DMA, ZoneType.NORMAL, ZoneType.HIGHMEM, ZoneType.MOVABLE};
            List<ZoneLimits.Zone> zones = new ArrayList<>();
            List<ZoneLimits.PfnRange> present = new ArrayList<>();
            for (PageState.ZoneState zone : start.zones()) {
                int end = (int) (zone.startPfn() + zone.spanned());
                zones.add(new ZoneLimits.Zone(types[zone.index()], zone.startPfn(), end));
                if (zone.spanned() > 0) {
                    present.add(new ZoneLimits.PfnRange(zone.startPfn(), end));
                }
            }
            ZoneLimits limits = new ZoneLimits(
                    Integer.parseInt(vector.constants.get("max_order")),
                    Integer.parseInt(vector.constants.get("pageblock_order")),
                    zones,
                    present);
            Map<String, String> config =
                    new HashMap<>(Map.of("SMP", "y", "HIGHMEM", "y", "ZONE_DMA", "y", "MEMORY_ISOLATION", "y"));
            if (cma) {
                config.put("CMA", "y");
            }
            if ("14".equals(vector.constants.get("pcp_lists"))) {
                config.put("TRANSPARENT_HUGEPAGE", "y");
            }
            TestGround ground = new TestGround("6.1.176", config, 1, limits, new EraGfpProvider());
            return ZoneProvider.empty(ground, new BuddyProvider());
        }

        void run() {
            String before = "";
            for (String line : vector.operations) {
                if (vector.shuffled && line.startsWith("Z ") && before.startsWith("Z ")) {
                    full();
                    freeShuffled();
                }
                before = line;
                String[] words = line.split(" ");
                switch (words[0]) {
                    case "A" ->
                        allocate(line, Integer.parseInt(words[2]), Integer.parseInt(words[3], 16), words[4], words[1]);
                    case "F" -> free(Integer.parseInt(words[3], 16), Integer.parseInt(words[2]));
                    case "AR" -> allocateRun(line);
                    case "FR" -> {
                        full();
                        Map<String, String> f = VectorFile.fields(line);
                        for (int pfn : VectorFile.pfns(f.get("pfns"))) {
                            free(pfn, Integer.parseInt(f.get("order")));
                        }
                    }
                    case "Z" -> counters(line);
                    default -> {}
                }
            }
            same("end");
        }

        private void full() {
            if (!sawFull && vector.states.containsKey("full")) {
                same("full");
            }
            sawFull = true;
        }

        private void allocateRun(String line) {
            Map<String, String> f = VectorFile.fields(line);
            int order = Integer.parseInt(f.get("order"));
            int gfp = Integer.parseInt(f.get("gfp"), 16);
            if (line.contains("FAIL")) {
                for (int i = 0; i < Integer.parseInt(f.get("n")); i++) {
                    allocate(line, order, gfp, "FAIL", "");
                }
            } else {
                for (int pfn : VectorFile.pfns(f.get("pfns"))) {
                    allocate(line, order, gfp, Integer.toHexString(pfn), "");
                }
            }
        }

        private void allocate(String line, int order, int gfp, String expected, String index) {
            int pfn = pages.allocPages(gfp, order);
            String answer = pfn < 0 ? "FAIL" : Integer.toHexString(pfn);
            if (!answer.equals(expected)) {
                throw new AssertionError(
                        "operation " + operations + ": " + line.substring(0, Math.min(120, line.length()))
                                + ": expected " + expected + ", got " + answer);
            }
            operations++;
            if (vector.shuffled && pfn >= 0) {
                live.add(pfn);
            }
        }

        /** The order of these frees is not listed: it comes from the vector's random numbers. */
        private void freeShuffled() {
            int random = vector.prng;
            for (int i = live.size(); i >= 2; i--) {
                random ^= random << 13;
                random ^= random >>> 17;
                random ^= random << 5;
                java.util.Collections.swap(live, i - 1, Integer.remainderUnsigned(random, i));
            }
            live.forEach(pfn -> free(pfn, 0));
        }

        private void free(int pfn, int order) {
            pages.freePages(pfn, order);
            operations++;
        }

        private void counters(String line) {
            String[] words = line.split(" ");
            for (int i = 2; i < words.length; i++) {
                int zone = Integer.parseInt(words[i].substring(0, words[i].indexOf(':')));
                Zone z = pages.zones[zone];
                PageState.PerCpu pcp = z.perCpu.state(0);
                String mine = zone + ":" + z.free + "," + z.freeDiff[0] + "," + pcp.count() + "," + pcp.freeFactor()
                        + "," + z.boost + "," + z.highatomic;
                assertThat(mine).as("before operation %s", words[1]).isEqualTo(words[i]);
            }
        }

        private void same(String tag) {
            PageState expected = vector.states.get(tag);
            PageState actual = pages.state();
            for (PageState.ZoneState zone : expected.zones()) {
                if (zone.spanned() == 0) {
                    continue;
                }
                PageState.ZoneState mine = actual.zones().get(zone.index());
                assertThat(text(mine)).as("%s, zone %d", tag, zone.index()).isEqualTo(text(zone));
            }
        }

        private static String text(PageState.ZoneState zone) {
            StringBuilder text = new StringBuilder();
            text.append(zone.free())
                    .append(' ')
                    .append(Arrays.toString(zone.freeDiff()))
                    .append(' ');
            text.append(zone.boost())
                    .append(' ')
                    .append(zone.boosted())
                    .append(' ')
                    .append(zone.highatomic());
            text.append(' ')
                    .append(zone.cmaFree())
                    .append(Arrays.toString(zone.cmaDiff()))
                    .append('\n');
            zone.freeLists()
                    .forEach(list ->
                            text.append(list.order() + " " + list.migratetype() + " " + hex(list.pfns()) + "\n"));
            PageState.PerCpu pcp = zone.perCpu().get(0);
            text.append(pcp.count() + " " + pcp.high() + " " + pcp.batch() + " " + pcp.freeFactor() + "\n");
            pcp.lists()
                    .forEach(list ->
                            text.append(list.index() + " " + hex(list.pfns()) + " " + hex(list.types()) + "\n"));
            text.append(Arrays.toString(zone.blockTypes()));
            return text.toString();
        }

        private static String hex(int[] values) {
            StringBuilder text = new StringBuilder();
            for (int value : values) {
                text.append(Integer.toHexString(value)).append(',');
            }
            return text.toString();
        }
    }
}
