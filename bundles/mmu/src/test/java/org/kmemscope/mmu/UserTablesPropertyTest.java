package org.kmemscope.mmu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.kmemscope.api.ground.ArchSpec.Tables;
import org.kmemscope.api.mmu.TableSource;
import org.kmemscope.api.mmu.UserTables;
import org.kmemscope.api.mmu.UserTables.Entry;

/** Tables of processes, in every format, against a map of entries. */
class UserTablesPropertyTest {
    private static final int STEPS = 300;
    private static final long USER_END = 0xc000_0000L;
    private static final long[] CLUSTERS = {0, 0x0804_8000L, 0x3ffe_f000L, 0xb7ff_e000L, USER_END - 4 * Rig.PAGE};

    @Property(tries = 60)
    void entriesAgreeWithTheModelAndTablesComeBack(@ForAll Tables tables, @ForAll long seed) {
        for (String version : List.of("3.2", "6.1")) {
            new Run(Rig.of(tables).version(version).build(), new Random(seed)).go();
        }
    }

    /** Counts frames that are out. */
    private static final class Counted implements TableSource {
        private final TableSource source;
        private final Set<Integer> out = new HashSet<>();

        Counted(TableSource source) {
            this.source = source;
        }

        @Override
        public int tableFrames(int order) {
            int pfn = source.tableFrames(order);
            for (int frame = pfn; frame < pfn + (1 << order); frame++) {
                assertThat(out.add(frame)).isTrue();
            }
            return pfn;
        }

        @Override
        public void releaseTableFrame(int pfn) {
            assertThat(out.remove(pfn)).isTrue();
        }
    }

    /** One sequence of steps. */
    private static final class Run {
        private final Rig rig;
        private final Random random;
        private final Counted frames;
        private final UserTables tables;
        /** Whether the processor marks what it touches. */
        private final boolean marks;

        private final Map<Long, Entry> model = new TreeMap<>();

        Run(Rig rig, Random random) {
            this.rig = rig;
            this.random = random;
            marks = rig.tables == Tables.I386_2LEVEL || rig.tables == Tables.I386_PAE;
            frames = new Counted(rig.frames);
            tables = rig.mmu.newUserTables(USER_END, frames).orElseThrow();
        }

        private long anyPage() {
            return CLUSTERS[random.nextInt(CLUSTERS.length)] + random.nextInt(4) * Rig.PAGE;
        }

        private Entry at(long virt) {
            return model.getOrDefault(virt, Entry.EMPTY);
        }

        void go() {
            for (int step = 0; step < STEPS; step++) {
                step(anyPage());
            }
            for (long cluster : CLUSTERS) {
                for (long virt = cluster; virt < cluster + 4 * Rig.PAGE; virt += Rig.PAGE) {
                    assertThat(tables.entry(virt)).isEqualTo(at(virt));
                }
            }
            checkNext();
            Rig.Report report = new Rig.Report();
            tables.verify(report);
            assertThat(report.problems).isEmpty();
            assertThat(tables.frames()).isEqualTo(frames.out.size());
            UserTables again = rig.mmu.userTables(tables.top(), USER_END, frames);
            model.keySet().forEach(virt -> assertThat(again.entry(virt)).isEqualTo(at(virt)));
            assertThat(again.walk(0xc000_0000L).phys())
                    .isEqualTo(rig.mmu.walk(0xc000_0000L).phys());

            model.keySet().forEach(tables::clear);
            tables.free(0x1000_0000L, 0x8000_0000L);
            tables.free(0, USER_END);
            tables.freeTop();
            assertThat(frames.out).isEmpty();
        }

        private void checkNext() {
            long virt = 0;
            for (long expected : model.keySet()) {
                virt = tables.next(virt, USER_END);
                assertThat(virt).isEqualTo(expected);
                virt += Rig.PAGE;
            }
            assertThat(tables.next(virt, USER_END)).isEqualTo(USER_END);
        }

        private void step(long virt) {
            Entry entry = at(virt);
            boolean on = random.nextBoolean();
            switch (random.nextInt(8)) {
                case 0, 1 -> {
                    long phys = rig.ram.ranges().get(0).start() + random.nextInt(0x4000) * Rig.PAGE;
                    boolean dirty = random.nextBoolean();
                    assertThat(tables.set(virt, phys, on, dirty)).isTrue();
                    model.put(virt, new Entry(phys, true, dirty, on, 0));
                }
                case 2 -> {
                    int slot = 1 + random.nextInt(100_000);
                    assertThat(tables.setSwap(virt, slot)).isTrue();
                    model.put(virt, new Entry(-1, false, false, false, slot));
                }
                case 3 -> {
                    tables.clear(virt);
                    model.remove(virt);
                }
                case 4 -> {
                    assertThat(tables.testAndClearYoung(virt)).isEqualTo(entry.young());
                    if (entry.present()) {
                        model.put(virt, new Entry(entry.phys(), false, entry.dirty(), entry.writable(), 0));
                    }
                }
                case 5 -> {
                    if (entry.present()) {
                        tables.setWritable(virt, on);
                        model.put(virt, new Entry(entry.phys(), entry.young(), entry.dirty(), on, 0));
                    }
                }
                case 6 -> {
                    if (entry.present()) {
                        tables.markAccessed(virt, on);
                        model.put(virt, new Entry(entry.phys(), true, entry.dirty() || on, entry.writable(), 0));
                    }
                }
                default -> access(virt, entry, on);
            }
        }

        private void access(long virt, Entry entry, boolean write) {
            boolean allowed = entry.present()
                    && (marks || entry.young())
                    && (!write || entry.writable() && (marks || entry.dirty()));
            assertThat(tables.access(virt + 5, write)).isEqualTo(allowed ? entry.phys() + 5 : -1);
            boolean marked = marks && entry.present();
            if (marked) {
                model.put(virt, new Entry(entry.phys(), true, entry.dirty() || allowed && write, entry.writable(), 0));
            }
        }
    }
}
