package org.kmemscope.dcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.dcache.CacheObserver;
import org.kmemscope.api.dcache.DataCache;
import org.kmemscope.api.dcache.DataCache.Geometry;
import org.kmemscope.api.error.BusError;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.mmu.Protection;
import org.kmemscope.api.view.CacheLineView;
import org.kmemscope.buddy.BuddyProvider;
import org.kmemscope.gfp.EraGfpProvider;
import org.kmemscope.machine.MachineFactory;
import org.kmemscope.machine.Providers;
import org.kmemscope.mmu.PageTableMmuProvider;
import org.kmemscope.physmem.SparseMemoryProvider;
import org.kmemscope.zone.ZoneProvider;

/** The cache against one that is made the plain way: lines that hold bytes, in front of an array that is memory. */
class LineCacheTest {
    private static final int LINE = 32;
    private static final Geometry SMALL = new Geometry(4, 2, LINE, true);
    private static final int AREA = 24 * LINE;

    private final Machine machine = boot("linux-3.2-versatile");

    private static Machine boot(String profile) {
        MachineFactory factory = new MachineFactory(Path.of("../../config/profiles"));
        Providers providers = new Providers(
                new SparseMemoryProvider(),
                new PageTableMmuProvider(),
                new EraGfpProvider(),
                new BuddyProvider(),
                new ZoneProvider(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        return factory.boot("test", factory.load(profile), providers.withCache(new LineCacheProvider()));
    }

    private long area() {
        return machine.pages().allocPages(machine.gfp().of(org.kmemscope.api.gfp.Gfp.GFP_KERNEL), 0) * 4096L;
    }

    // ---- against the plain cache

    /** Write-back, write-allocate, least recently used. */
    private static final class PlainCache {
        final byte[] memory = new byte[AREA];
        /** For each set its lines, the one used longest ago first; a line is its bytes and whether it is dirty. */
        final List<Map<Integer, PlainLine>> sets = new ArrayList<>();

        PlainCache(byte[] content) {
            System.arraycopy(content, 0, memory, 0, AREA);
            for (int i = 0; i < SMALL.sets(); i++) {
                sets.add(new LinkedHashMap<>(16, 0.75f, true));
            }
        }

        private static final class PlainLine {
            final byte[] bytes = new byte[LINE];
            boolean dirty;
        }

        PlainLine line(int number) {
            Map<Integer, PlainLine> set = sets.get(number % SMALL.sets());
            PlainLine line = set.get(number);
            if (line == null) {
                if (set.size() == SMALL.ways()) {
                    Iterator<Map.Entry<Integer, PlainLine>> oldest =
                            set.entrySet().iterator();
                    Map.Entry<Integer, PlainLine> goes = oldest.next();
                    store(goes.getKey(), goes.getValue());
                    oldest.remove();
                }
                line = new PlainLine();
                System.arraycopy(memory, number * LINE, line.bytes, 0, LINE);
                set.put(number, line);
            }
            return line;
        }

        private void store(int number, PlainLine line) {
            if (line.dirty) {
                System.arraycopy(line.bytes, 0, memory, number * LINE, LINE);
                line.dirty = false;
            }
        }

        void read(int at, byte[] into) {
            for (int i = 0; i < into.length; i++) {
                into[i] = line((at + i) / LINE).bytes[(at + i) % LINE];
            }
        }

        void write(int at, byte[] from) {
            for (int i = 0; i < from.length; i++) {
                PlainLine line = line((at + i) / LINE);
                line.bytes[(at + i) % LINE] = from[i];
                line.dirty = true;
            }
        }

        void maintain(int at, int length, boolean clean, boolean forget) {
            for (int number = at / LINE; number * LINE < at + length; number++) {
                Map<Integer, PlainLine> set = sets.get(number % SMALL.sets());
                if (set.containsKey(number)) {
                    PlainLine line = set.entrySet().stream()
                            .filter(numbered(number))
                            .findFirst()
                            .orElseThrow()
                            .getValue();
                    boolean partly = number * LINE < at || (number + 1) * LINE > at + length;
                    if (clean || partly) {
                        store(number, line);
                    }
                    if (forget) {
                        set.remove(number);
                    }
                }
            }
        }

        private static java.util.function.Predicate<Map.Entry<Integer, PlainLine>> numbered(int number) {
            return entry -> entry.getKey() == number;
        }
    }

    @Property(tries = 150)
    void anyAccessesShowWhatThePlainCacheShows(@ForAll long seed) {
        Random random = new Random(seed);
        long area = area();
        long virt = machine.layout().physToVirt(area);
        LineCache cache = new LineCache(machine, machine.mmu(), SMALL);
        byte[] content = new byte[AREA];
        random.nextBytes(content);
        machine.ram().write(area, content, 0, AREA);
        PlainCache plain = new PlainCache(content);
        for (int step = 0; step < 200; step++) {
            int length = 1 + random.nextInt(3 * LINE);
            int at = random.nextInt(AREA - length + 1);
            byte[] bytes = new byte[length];
            byte[] expected = new byte[length];
            switch (random.nextInt(7)) {
                case 0 -> {
                    cache.mmu().read(virt + at, bytes, 0, length);
                    plain.read(at, expected);
                    assertThat(bytes).isEqualTo(expected);
                }
                case 1 -> {
                    random.nextBytes(bytes);
                    cache.mmu().write(virt + at, bytes, 0, length);
                    plain.write(at, bytes);
                }
                case 2 -> {
                    cache.deviceRead(area + at, bytes, 0, length);
                    System.arraycopy(plain.memory, at, expected, 0, length);
                    assertThat(bytes).isEqualTo(expected);
                }
                case 3 -> {
                    random.nextBytes(bytes);
                    cache.deviceWrite(area + at, bytes, 0, length);
                    System.arraycopy(bytes, 0, plain.memory, at, length);
                }
                case 4 -> {
                    cache.clean(area + at, length);
                    plain.maintain(at, length, true, false);
                }
                case 5 -> {
                    cache.flush(area + at, length);
                    plain.maintain(at, length, true, true);
                }
                default -> {
                    cache.invalidate(area + at, length);
                    plain.maintain(at, length, false, true);
                }
            }
        }
        byte[] memory = new byte[AREA];
        cache.deviceRead(area, memory, 0, AREA);
        assertThat(memory).isEqualTo(plain.memory);
        machine.verify().orThrow();
        machine.pages().freePages((int) (area >>> 12), 0);
    }

    // ---- what is told

    private record Heard(List<String> lines) implements CacheObserver {
        @Override
        public void staleRead(long phys, int length) {
            lines.add("stale " + (phys & 0xfff) + "+" + length);
        }

        @Override
        public void unwrittenRead(long phys, int length, int writer) {
            lines.add("unwritten " + (phys & 0xfff) + "+" + length);
        }

        @Override
        public void overwritten(long phys, int length, long line, int writer) {
            lines.add("overwritten " + (phys & 0xfff) + "+" + length + " line " + (line & 0xfff));
        }
    }

    @Test
    void eachWayToDisagreeIsTold() {
        DataCache cache = machine.dataCache().orElseThrow();
        Heard heard = new Heard(new ArrayList<>());
        cache.observe(heard);
        long area = area();
        long virt = machine.layout().physToVirt(area);
        byte[] word = {1, 2, 3, 4};

        machine.mmu().write32(virt, 7);
        cache.deviceRead(area, new byte[64], 0, 64);
        cache.deviceWrite(area + 8, word, 0, 4);
        machine.mmu().read32(virt + 8);
        machine.mmu().read32(virt + 16);
        cache.clean(area, 64);

        assertThat(heard.lines).containsExactly("unwritten 0+4", "stale 8+4", "overwritten 8+4 line 0");
        DataCache.Counters counters = cache.counters();
        assertThat(counters.writebacks()).isEqualTo(1);
        assertThat(counters.staleReads()).isEqualTo(1);
        assertThat(counters.staleDeviceReads()).isEqualTo(1);
    }

    @Test
    void statesOfLinesAreShown() {
        DataCache cache = machine.dataCache().orElseThrow();
        long area = area();
        long virt = machine.layout().physToVirt(area);
        int line = cache.geometry().lineSize();
        machine.mmu().read8(virt);
        machine.kernel(Caller.of(1, "test", "driver.c:9")).write32(virt + line, 0x01020304);
        machine.mmu().read8(virt + 2L * line);
        cache.deviceWrite(area + 2L * line, new byte[] {9}, 0, 1);
        machine.mmu().write8(virt + 3L * line, 5);
        cache.deviceWrite(area + 3L * line + 1, new byte[] {6}, 0, 1);
        List<CacheLineView> lines = cache.lines().stream()
                .filter(view -> view.phys() >= area && view.phys() < area + 4096)
                .toList();

        assertThat(lines).extracting(CacheLineView::state).containsExactly("clean", "dirty", "stale", "conflict");
        assertThat(lines.get(1).writer()).isEqualTo("driver.c:9");
        assertThat(lines.get(1).dirty()).isEqualTo(4);
        assertThat(lines.get(1).cached()).startsWith("04030201");
        assertThat(lines.get(1).memory()).startsWith("00000000");
        assertThat(lines.get(2).memory()).startsWith("09");
        assertThat(lines.get(3).cached()).startsWith("0500");
        assertThat(lines.get(3).memory()).startsWith("0006");
        assertThat(machine.whatis(virt + 3L * line))
                .anySatisfy(fact -> assertThat(fact.text()).contains("conflict").contains("1 bytes to memory"));
        machine.verify().orThrow();
    }

    // ---- the MMU

    @Test
    void uncachedMappingsGoPastTheLines() {
        long area = area();
        long virt = machine.layout().physToVirt(area);
        long window = machine.layout().fixaddrStart();
        machine.mmu().setEntry(window, area, Protection.DMA_COHERENT);
        machine.mmu().write32(virt, 0x11);
        assertThat(machine.mmu().read32(window)).isZero();
        machine.mmu().write64(window + 8, 0x22);
        assertThat(machine.mmu().read64(virt + 8)).isZero();
        machine.dataCache().orElseThrow().flush(area, 4096);
        assertThat(machine.mmu().read32(window)).isEqualTo(0x11);
        machine.mmu().unmap(window);
        machine.mmu().flushAll();
    }

    @Test
    void wordsOfAllSizesAndAcrossPagesAreTheSameAsWithout() {
        long area = area();
        long virt = machine.layout().physToVirt(area);
        machine.mmu().write64(virt + 4092, 0x0807060504030201L);
        machine.mmu().write16(virt + 5, 0xabcd);
        machine.mmu().write8(virt + 7, 0xef);
        assertThat(machine.mmu().read64(virt + 4092)).isEqualTo(0x0807060504030201L);
        assertThat(machine.mmu().read16(virt + 4095)).isEqualTo(0x0504);
        assertThat(machine.mmu().read32(virt + 4)).isEqualTo(0xefabcd00);
        assertThat(machine.mmu().read8(virt + 6)).isEqualTo(0xab);
        machine.mmu().fill(virt + 4000, 200, 'x');
        assertThat(machine.mmu().readString(virt + 4000, 200)).isEqualTo("x".repeat(200));
        long hits = machine.mmu().counters().hits();
        machine.mmu().read32(virt);
        assertThat(machine.mmu().counters().hits()).isEqualTo(hits + 1);
        long last = machine.layout().highMemory() - 4096;
        assertThatThrownBy(() -> machine.mmu().fill(last, 8192, 1)).isInstanceOf(RuntimeException.class);
        assertThat(machine.mmu().read32(last)).isZero();
        assertThatThrownBy(() -> machine.ram().read8(0xffff_0000L)).isInstanceOf(BusError.class);
    }

    // ---- copies

    @Test
    void aCopyHasTheSameLines() {
        long area = area();
        long virt = machine.layout().physToVirt(area);
        DataCache cache = machine.dataCache().orElseThrow();
        machine.mmu().write32(virt, 0x77);
        machine.mmu().read8(virt + 256);
        cache.deviceWrite(area + 256, new byte[] {3}, 0, 1);
        Machine copy = machine.fork("copy");
        DataCache twin = copy.dataCache().orElseThrow();
        assertThat(twin.lines()).isEqualTo(cache.lines());
        assertThat(twin.counters()).isEqualTo(cache.counters());
        cache.flush(area, 4096);
        assertThat(twin.lines()).isNotEqualTo(cache.lines());
        byte[] memory = new byte[1];
        twin.deviceRead(area, memory, 0, 1);
        assertThat(memory[0]).isZero();
        copy.verify().orThrow();
    }

    @Test
    void onlyMachinesWhoseDevicesDoNotSeeTheCacheHaveOne() {
        assertThat(boot("i386-32m").dataCache()).isEmpty();
        Geometry geometry = boot("arm-exynos4412").dataCache().orElseThrow().geometry();
        assertThat(geometry.size()).isEqualTo(32 << 10);
        assertThat(geometry.speculative()).isTrue();
        assertThat(machine.dataCache().orElseThrow().geometry().speculative()).isFalse();
        assertThat(machine.parts()).containsEntry("data cache", "16 KiB, 4 ways, lines of 32 bytes");
    }
}
