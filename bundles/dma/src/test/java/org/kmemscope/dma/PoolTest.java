package org.kmemscope.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kmemscope.api.dma.DmaBuffer;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.dma.DmaPool;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;

/** Pools of small pieces of coherent memory. */
class PoolTest {
    private final Machine machine = TestMachines.cached("arm-board28");
    private final Kernel kernel = TestMachines.kernel(machine);
    private final DmaDevice card = TestMachines.device(machine, "card0");
    private final long logged = machine.log().lines().size();

    /** The sizes, alignments and boundaries that the kernel's own test uses. */
    @ParameterizedTest
    @CsvSource({
        "16, 16, 0, 256",
        "64, 64, 0, 64",
        "256, 256, 0, 16",
        "1024, 1024, 0, 4",
        "4096, 4096, 0, 1",
        "68, 32, 4096, 42"
    })
    void piecesLieWhereTheBoundaryLetsThem(long size, long align, long boundary, int perPage) {
        DmaPool pool = kernel.dmaPoolCreate("ring", card, size, align, boundary);
        List<DmaBuffer> pieces = new ArrayList<>();
        for (int i = 0; i < 2 * perPage; i++) {
            pieces.add(kernel.dmaPoolAlloc(pool, Gfp.GFP_KERNEL));
        }
        assertThat(pieces).allSatisfy(piece -> {
            assertThat(piece.handle() % align).isZero();
            assertThat(piece.handle() >> 12).isEqualTo(piece.handle() + piece.size() - 1 >> 12);
        });
        assertThat(machine.dma().poolViews().get(0).pages()).isEqualTo(2);
        assertThat(pieces.stream().map(DmaBuffer::handle)).doesNotHaveDuplicates();
        machine.verify().orThrow();
        pieces.forEach(piece -> kernel.dmaPoolFree(pool, piece));
        kernel.dmaPoolDestroy(pool);
        assertThat(machine.dma().mappings()).isEmpty();
        assertThat(TestMachines.logSince(machine, logged)).isEmpty();
        machine.verify().orThrow();
    }

    /** A pool against a list for each page: the youngest page with a free piece, and in it the one freed last. */
    @Property(tries = 40)
    void anyOrderIsServedAsListsServeIt(@ForAll long seed) {
        Random random = new Random(seed);
        DmaPool pool = kernel.dmaPoolCreate("ring", card, 1000, 8, 2048);
        List<NaivePage> pages = new ArrayList<>();
        List<DmaBuffer> live = new ArrayList<>();
        for (int step = 0; step < 120; step++) {
            if (live.isEmpty() || random.nextInt(5) > 1) {
                DmaBuffer piece = kernel.dmaPoolAlloc(pool, Gfp.GFP_KERNEL);
                if (pages.stream().allMatch(page -> page.free().isEmpty())) {
                    long base = piece.handle();
                    pages.add(
                            0,
                            new NaivePage(
                                    base >> 12, new ArrayList<>(List.of(base, base + 1000, base + 2048, base + 3048))));
                }
                NaivePage page = pages.stream()
                        .filter(candidate -> !candidate.free().isEmpty())
                        .findFirst()
                        .orElseThrow();
                assertThat(piece.handle()).isEqualTo(page.free().remove(0));
                live.add(piece);
            } else {
                DmaBuffer piece = live.remove(random.nextInt(live.size()));
                kernel.dmaPoolFree(pool, piece);
                pages.stream()
                        .filter(page -> page.frame() == piece.handle() >> 12)
                        .findFirst()
                        .orElseThrow()
                        .free()
                        .add(0, piece.handle());
            }
        }
        machine.verify().orThrow();
        live.forEach(piece -> kernel.dmaPoolFree(pool, piece));
        kernel.dmaPoolDestroy(pool);
        machine.verify().orThrow();
    }

    private record NaivePage(long frame, List<Long> free) {}

    @Test
    void whatDoesNotFitIsToldInTheKernelsWords() {
        DmaPool pool = kernel.dmaPoolCreate("ring", card, 64, 64, 0);
        DmaBuffer piece = kernel.dmaPoolAlloc(pool, Gfp.GFP_KERNEL);
        kernel.dmaPoolFree(pool, new DmaBuffer(piece.virt(), piece.handle() + 8192, 64));
        kernel.dmaPoolFree(pool, new DmaBuffer(piece.virt() + 64, piece.handle(), 64));
        kernel.dmaPoolDestroy(pool);
        assertThat(TestMachines.logSince(machine, logged))
                .containsExactly(
                        String.format(
                                "platform card0: dma_pool_free ring, %08x/%x (bad dma) [at driver.c:1]",
                                piece.virt(), piece.handle() + 8192),
                        String.format(
                                "platform card0: dma_pool_free ring, %08x (bad vaddr)/%x [at driver.c:1]",
                                piece.virt() + 64, piece.handle()),
                        String.format(
                                "platform card0: dma_pool_destroy ring, %08x busy [at driver.c:1]", piece.virt()));
        assertThatThrownBy(() -> kernel.dmaPoolAlloc(pool, Gfp.GFP_KERNEL)).hasMessageContaining("ring is no more");
        DmaPool other = kernel.dmaPoolCreate("other", card, 64, 64, 0);
        DmaBuffer twice = kernel.dmaPoolAlloc(other, Gfp.GFP_KERNEL);
        kernel.dmaPoolFree(other, twice);
        kernel.dmaPoolFree(other, twice);
        assertThat(TestMachines.logSince(machine, logged)).last().asString().contains("already free");
    }

    @Test
    void numbersThatMakeNoSenseGiveNoPool() {
        assertThat(kernel.dmaPoolCreate("x", card, 0, 0, 0)).isEqualTo(DmaPool.NONE);
        assertThat(kernel.dmaPoolCreate("x", card, 64, 48, 0)).isEqualTo(DmaPool.NONE);
        assertThat(kernel.dmaPoolCreate("x", card, 64, 0, 32)).isEqualTo(DmaPool.NONE);
        assertThat(kernel.dmaPoolCreate("x", card, 64, 0, 96)).isEqualTo(DmaPool.NONE);
    }

    @Test
    void aBrokenChainIsFoundAndACopyHasThePool() {
        DmaPool pool = kernel.dmaPoolCreate("ring", card, 64, 64, 0);
        DmaBuffer piece = kernel.dmaPoolAlloc(pool, Gfp.GFP_KERNEL);
        Machine copy = machine.fork("copy");
        kernel.write32(piece.virt() + 64, 8);
        assertThat(machine.verify().problems())
                .anySatisfy(line -> assertThat(line).contains("its chain is broken"));
        copy.verify().orThrow();
        assertThat(TestMachines.kernel(copy).dmaPoolAlloc(pool, Gfp.GFP_KERNEL).handle())
                .isEqualTo(piece.handle() + 64);
    }
}
