package org.kmemscope.mmu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.error.KernelOops;
import org.kmemscope.api.ground.ArchSpec.Tables;
import org.kmemscope.api.mmu.Protection;
import org.kmemscope.api.mmu.TlbEntry;
import org.kmemscope.api.mmu.Walk;
import org.kmemscope.mmu.TableModel.Mapping;

/** Random maps, unmaps, overwrites, flushes and accesses on two CPUs agree with {@link TableModel}. */
class TablesPropertyTest {
    private static final int STEPS = 400;
    private static final int SMALL_PAGES = 24;
    private static final int LARGE_PAGES = 3;
    private static final int PIECES = 4;
    private static final int FRAMES = 32;
    private static final long[] CLUSTERS = {0xf810_0000L, 0xf830_1000L, 0xffbf_e000L};
    private static final long LINEAR = 0xc000_0000L;

    @Property(tries = 150)
    void tablesAndTlbsAgreeWithTheModel(@ForAll Tables tables, @ForAll long seed, @ForAll boolean small) {
        for (String version : List.of("3.2", "6.1")) {
            Rig rig =
                    Rig.of(tables).version(version).tlbEntries(small ? 8 : 256).build();
            new Run(rig, new Random(seed)).go();
        }
    }

    /** One sequence of steps. */
    private static final class Run {
        private final Rig rig;
        private final Random random;
        private final TableModel model = new TableModel(2);
        private final List<Long> pages = new ArrayList<>();
        private final long largeSize;

        Run(Rig rig, Random random) {
            this.rig = rig;
            this.random = random;
            largeSize = rig.mmu.largePageSize();
            for (int i = 0; i < SMALL_PAGES; i++) {
                pages.add(CLUSTERS[i % CLUSTERS.length] + i / CLUSTERS.length * Rig.PAGE);
            }
            for (int frame = 0; frame < FRAMES; frame++) {
                rig.ram.write32(phys(frame), frame + 1);
            }
        }

        void go() {
            for (int step = 0; step < STEPS; step++) {
                rig.context.cpu = random.nextInt(2);
                switch (random.nextInt(16)) {
                    case 0, 1 -> map(anyPage());
                    case 2, 3 -> overwrite(anyPage());
                    case 4 -> unmap(anyPage());
                    case 5 -> mapLarge(random.nextInt(LARGE_PAGES));
                    case 6 -> wipeLarge(random.nextInt(LARGE_PAGES));
                    case 7 -> flushPage(random.nextBoolean() ? anyPage() : anyPiece());
                    case 8 -> flushRange();
                    case 9 -> flushAll(random.nextInt(4));
                    default -> access(random.nextInt(3) == 0 ? anyPiece() : anyPage(), random.nextBoolean());
                }
            }
            checkTables();
            checkTlbs();
            assertThat(rig.problems()).isEmpty();
        }

        private long anyPage() {
            return pages.get(random.nextInt(pages.size()));
        }

        /** One of a few pages of a large page. */
        private long anyPiece() {
            return LINEAR + random.nextInt(LARGE_PAGES) * largeSize + random.nextInt(PIECES) * (largeSize / PIECES);
        }

        private long phys(int frame) {
            return rig.phys(0x80_0000 + frame * Rig.PAGE);
        }

        private Protection anyProtection() {
            return Protection.values()[random.nextInt(Protection.values().length)];
        }

        private void map(long page) {
            long phys = phys(random.nextInt(FRAMES));
            Protection protection = anyProtection();
            if (model.at(page).isPresent()) {
                assertThatThrownBy(() -> rig.mmu.map(page, phys, protection)).isInstanceOf(KernelBug.class);
            } else {
                assertThat(rig.mmu.map(page, phys, protection)).isTrue();
                model.set(page, Mapping.of(phys, protection));
            }
        }

        private void overwrite(long page) {
            long phys = phys(random.nextInt(FRAMES));
            Protection protection = anyProtection();
            assertThat(rig.mmu.setEntry(page, phys, protection)).isTrue();
            model.set(page, Mapping.of(phys, protection));
        }

        private void unmap(long page) {
            assertThat(rig.mmu.unmap(page))
                    .isEqualTo(model.at(page).map(Mapping::phys).orElse(-1L));
            model.clear(page);
        }

        private void mapLarge(int index) {
            long virt = LINEAR + index * largeSize;
            long phys = rig.phys((2 + random.nextInt(4)) * largeSize);
            Protection protection = anyProtection();
            if (model.at(virt).isPresent()) {
                assertThatThrownBy(() -> rig.mmu.mapLarge(virt, phys, protection))
                        .isInstanceOf(KernelBug.class);
                assertThatThrownBy(() -> rig.mmu.map(virt + Rig.PAGE, phys, protection))
                        .isInstanceOf(KernelBug.class);
                return;
            }
            assertThat(rig.mmu.mapLarge(virt, phys, protection)).isTrue();
            for (int piece = 0; piece < PIECES; piece++) {
                long inside = piece * (largeSize / PIECES);
                model.set(virt + inside, Mapping.of(phys + inside, protection));
            }
        }

        /** A wild write: clears the entry in RAM. */
        private void wipeLarge(int index) {
            long virt = LINEAR + index * largeSize;
            if (model.at(virt).isPresent()) {
                rig.setWord(rig.entryAddress(virt), 0);
                for (int piece = 0; piece < PIECES; piece++) {
                    model.clear(virt + piece * (largeSize / PIECES));
                }
            }
        }

        private void flushPage(long page) {
            rig.mmu.flushLocalPage(page + random.nextInt((int) Rig.PAGE));
            model.flush(rig.context.cpu, page);
            if (page < CLUSTERS[0]) {
                long virt = page & -largeSize;
                for (int piece = 0; piece < PIECES; piece++) {
                    model.flush(rig.context.cpu, virt + piece * (largeSize / PIECES));
                }
            }
        }

        private void flushRange() {
            int cluster = random.nextInt(CLUSTERS.length);
            int count = 1 + random.nextInt(6);
            rig.mmu.flushRange(CLUSTERS[cluster], CLUSTERS[cluster] + count * Rig.PAGE);
            for (int i = 0; i < count; i++) {
                model.flushEverywhere(CLUSTERS[cluster] + i * Rig.PAGE);
            }
        }

        private void flushAll(int chance) {
            if (chance == 0) {
                rig.mmu.flushAll();
                pages.forEach(model::flushEverywhere);
                for (int i = 0; i < LARGE_PAGES * PIECES; i++) {
                    model.flushEverywhere(LINEAR + i * (largeSize / PIECES));
                }
            }
        }

        private void access(long page, boolean write) {
            long offset = random.nextInt((int) Rig.PAGE);
            int cpu = rig.context.cpu;
            Optional<Mapping> current = model.at(page);
            try {
                long phys = rig.mmu.translate(page + offset, write);
                assertThat(phys & Rig.PAGE - 1).isEqualTo(offset);
                assertThat(model.believed(cpu, page))
                        .as("translation of 0x%x", page)
                        .anyMatch(it -> it.phys() == phys - offset && (it.writable() || !write));
            } catch (KernelOops oops) {
                assertThat(oops.address()).isEqualTo(page + offset);
                boolean deniedByTables =
                        current.isEmpty() || write && !current.get().writable();
                boolean deniedByTlb = write
                        && rig.tables.name().startsWith("ARM")
                        && model.believed(cpu, page).stream().anyMatch(it -> !it.writable());
                assertThat(deniedByTables || deniedByTlb).isTrue();
            }
        }

        private void checkTables() {
            for (long page : pages) {
                checkPage(page, Rig.PAGE);
            }
            for (int i = 0; i < LARGE_PAGES * PIECES; i++) {
                checkPage(LINEAR + i * (largeSize / PIECES), largeSize);
            }
        }

        private void checkPage(long page, long size) {
            Optional<Mapping> mapping = model.at(page);
            long expected = mapping.map(it -> it.phys() + 0x123).orElse(-1L);
            assertThat(rig.mmu.lookup(page + 0x123)).isEqualTo(expected);
            Walk walk = rig.mmu.walk(page + 0x123);
            assertThat(walk.phys()).isEqualTo(expected);
            assertThat(walk.pageSize()).isEqualTo(mapping.isPresent() ? size : 0);
        }

        /** What a TLB holds was in force since its last flush, and is stale if the tables say otherwise. */
        private void checkTlbs() {
            for (int cpu = 0; cpu < 2; cpu++) {
                for (TlbEntry entry : rig.mmu.tlb(cpu)) {
                    Mapping mapping = new Mapping(entry.phys(), entry.writable());
                    assertThat(model.believed(cpu, entry.virt())).contains(mapping);
                    assertThat(entry.large()).isEqualTo(entry.virt() < CLUSTERS[0]);
                    if (!model.at(entry.virt()).equals(Optional.of(mapping))) {
                        assertThat(entry.stale()).isTrue();
                    }
                }
            }
        }
    }
}
