package org.kmemscope.dma;

import java.util.List;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.page.PageFloor;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.view.AddressFact;

/**
 * The pool for requests that must not sleep, ARM from 3.5 on: remapping may sleep, so boot remaps some memory in advance. 256 KiB, or
 * {@code coherent_pool=}. A piece comes with the bytes of whoever had it before: the pool is zeroed once, at boot.
 *
 * <pre>
 *   virt  | piece |  free  | piece | ...        SpanMap says which pages are taken;
 *   phys  | piece |  free  | piece | ...        page i of the one is page i of the other
 * </pre>
 *
 * <p>Source: {@code atomic_pool_init()}, {@code __alloc_from_pool()}.
 */
final class AtomicPool implements CoherentSource {
    private static final long DEFAULT_SIZE = 256L << 10;
    private static final int KIB_SHIFT = 10;

    private final PageFloor floor;
    private final SpanMap spans;
    private final Behaviour behaviour;
    private Placed memory;

    /**
     * What changed over time.
     *
     * @param placement where in the pool a piece is put
     * @param tellsWhenFull whether the kernel says that the pool is too small (3.6 to 3.17)
     * @param freeableWithIrqsOff whether giving back with interrupts off goes without a warning (up to 4.2)
     */
    record Behaviour(SpanMap.Placement placement, boolean tellsWhenFull, boolean freeableWithIrqsOff) {}

    private AtomicPool(PageFloor floor, Placed memory, Behaviour behaviour) {
        this.floor = floor;
        this.memory = memory;
        this.behaviour = behaviour;
        spans = new SpanMap(memory.pages(), behaviour.placement(), memory.pages());
    }

    /** The pool of a machine that boots; an empty one if there is no memory for it. */
    static AtomicPool boot(PageFloor floor, CoherentSource source, int gfp, Behaviour behaviour) {
        return new AtomicPool(floor, source.take((int) Orders.pages(wantedSize(floor)), gfp), behaviour);
    }

    /** A pool with memory whose addresses are known. */
    static AtomicPool at(PageFloor floor, long virt, long phys, int pages, Behaviour behaviour) {
        return new AtomicPool(floor, new Placed(NOWHERE, virt, phys, pages), behaviour);
    }

    private static long wantedSize(PageFloor floor) {
        return floor.profile().kernel().options().size("coherent_pool").orElse(DEFAULT_SIZE);
    }

    String bootMessage() {
        return String.format(
                memory.failed()
                        ? "DMA: failed to allocate %d KiB pool for atomic coherent allocation"
                        : "DMA: preallocated %d KiB pool for atomic coherent allocations",
                wantedSize(floor) >> KIB_SHIFT);
    }

    @Override
    public Placed take(int pages, int gfp) {
        if (memory.failed()) {
            floor.log().printk(KernelLog.WARNING, "coherent pool not initialised!");
            return Placed.NONE;
        }
        int first = spans.take(pages);
        if (first == SpanMap.NONE) {
            if (behaviour.tellsWhenFull()) {
                floor.log()
                        .printk(
                                KernelLog.ERR,
                                String.format(
                                        "ERROR: %d KiB atomic DMA coherent pool is too small!\n"
                                                + "Please increase it with coherent_pool= kernel parameter!",
                                        wantedSize(floor) >> KIB_SHIFT));
            }
            return Placed.NONE;
        }
        long offset = (long) first << Profile.PAGE_SHIFT;
        return new Placed(this, memory.virt() + offset, memory.phys() + offset, pages);
    }

    @Override
    public void give(Placed placed) {
        spans.give((int) ((placed.virt() - memory.virt()) >>> Profile.PAGE_SHIFT), placed.pages());
    }

    @Override
    public boolean freeableWithIrqsOff() {
        return behaviour.freeableWithIrqsOff();
    }

    /** Pages on loan are claimed with their buffers. */
    @Override
    public void verify(Verification report) {
        int firstPfn = (int) (memory.phys() >>> Profile.PAGE_SHIFT);
        for (int page = 0; page < memory.pages(); page++) {
            long offset = (long) page << Profile.PAGE_SHIFT;
            report.check(
                    floor.mmu().lookup(memory.virt() + offset) == memory.phys() + offset,
                    "page %d of the atomic DMA pool is not mapped at 0x%08x",
                    page,
                    memory.virt() + offset);
            if (!spans.isTaken(page)) {
                report.claim(firstPfn + page, 1, "atomic DMA pool");
            }
        }
    }

    @Override
    public void describe(long virt, List<AddressFact> facts) {
        long offset = virt - memory.virt();
        if (offset >= 0 && offset < (long) memory.pages() << Profile.PAGE_SHIFT) {
            facts.add(new AddressFact(
                    MachineDma.LAYER,
                    String.format(
                            "atomic DMA pool, page %d of %d, %d taken",
                            offset >>> Profile.PAGE_SHIFT, memory.pages(), spans.takenPages())));
        }
    }

    @Override
    public void save(StateWriter out) {
        out.putLongs(new long[] {memory.virt(), memory.phys(), memory.pages()});
        spans.save(out);
    }

    @Override
    public void restore(StateReader in) {
        long[] values = in.getLongs();
        memory = new Placed(memory.source(), values[0], values[1], (int) values[2]);
        spans.restore(in);
    }
}
