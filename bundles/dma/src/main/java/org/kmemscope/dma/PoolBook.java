package org.kmemscope.dma;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import org.kmemscope.api.dma.DmaBuffer;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.dma.DmaPool;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;
import org.kmemscope.api.view.DmaPoolView;

/**
 * Pools of coherent memory ({@code mm/dmapool.c} up to 6.2).
 *
 * <pre>
 *   page    | piece | piece | ... |      the youngest first in the pool's list
 *   offset → free piece: its first 4 bytes are the offset of the next free one; beyond the page is the end
 * </pre>
 *
 * <ol>
 *   <li>A piece comes from the first page that has one, and was freed there last.
 *   <li>A piece does not cross the boundary: the chain of a new page jumps over it.
 *   <li>Pages go back when the pool is destroyed; those with pieces in use never do.
 *   <li>With debugging of objects on, free pieces are filled with 0xa7, those handed out with 0xa9. That a piece is freed twice, or with
 *       another address, a kernel sees only with debugging; the model always looks.
 * </ol>
 */
final class PoolBook implements Stateful {
    private static final int SMALLEST = 4;
    private static final int FREED = 0xa7;
    private static final int ALLOCATED = 0xa9;

    private final Ground ground;
    private final DeviceTable devices;
    private final BiFunction<DmaPool, Integer, DmaBuffer> take;
    private final BiPredicate<DmaPool, DmaBuffer> give;
    private final boolean poison;
    private final List<Pool> pools = new ArrayList<>();
    private int lastId;

    private static final class Pool {
        final DmaPool face;
        final List<Page> pages = new ArrayList<>();

        Pool(DmaPool face) {
            this.face = face;
        }
    }

    private static final class Page {
        final DmaBuffer memory;
        int inUse;
        int offset;

        Page(DmaBuffer memory) {
            this.memory = memory;
        }
    }

    /**
     * @param take coherent memory for a pool, by a mask
     * @param give takes it back
     */
    PoolBook(
            Ground ground,
            DeviceTable devices,
            BiFunction<DmaPool, Integer, DmaBuffer> take,
            BiPredicate<DmaPool, DmaBuffer> give) {
        this.ground = ground;
        this.devices = devices;
        this.take = take;
        this.give = give;
        KernelConfig config = ground.profile().kernel().config();
        poison = config.is("DEBUG_SLAB") || config.is("SLUB_DEBUG_ON");
    }

    DmaPool create(String name, DmaDevice device, long wanted, long align, long boundary) {
        long alignment = align == 0 ? 1 : align;
        if (wanted < 1 || Long.bitCount(alignment) != 1) {
            return DmaPool.NONE;
        }
        long size = Math.max(wanted, SMALLEST) + alignment - 1 & -alignment;
        long allocation = Math.max(size, Profile.PAGE_SIZE);
        if (boundary != 0 && (boundary < size || Long.bitCount(boundary) != 1)) {
            return DmaPool.NONE;
        }
        long limit = boundary == 0 ? allocation : Math.min(boundary, allocation);
        Pool pool = new Pool(new DmaPool(++lastId, name, device, size, limit, allocation));
        pools.add(pool);
        return pool.face;
    }

    DmaBuffer alloc(DmaPool face, int gfp) {
        Pool pool = known(face);
        Page page = pool.pages.stream()
                .filter(candidate -> candidate.offset < face.allocation())
                .findFirst()
                .orElse(null);
        if (page == null) {
            page = newPage(pool, gfp);
            if (page == null) {
                return DmaBuffer.FAILED;
            }
        }
        int offset = page.offset;
        page.inUse++;
        page.offset = ground.ram().read32(phys(pool, page) + offset);
        fill(pool, page, offset, ALLOCATED);
        if ((gfp & ground.gfp().orZero(Gfp.__GFP_ZERO)) != 0) {
            ground.ram().fill(phys(pool, page) + offset, face.size(), 0);
        }
        return new DmaBuffer(page.memory.virt() + offset, page.memory.handle() + offset, face.size());
    }

    private Page newPage(Pool pool, int gfp) {
        DmaBuffer memory = take.apply(pool.face, gfp & ~ground.gfp().orZero(Gfp.__GFP_ZERO));
        if (memory.failed()) {
            return null;
        }
        Page page = new Page(memory);
        long phys = phys(pool, page);
        if (poison) {
            ground.ram().fill(phys, pool.face.allocation(), FREED);
        }
        long offset = 0;
        long nextBoundary = pool.face.boundary();
        while (offset < pool.face.allocation()) {
            long next = offset + pool.face.size();
            if (next + pool.face.size() > nextBoundary) {
                next = nextBoundary;
                nextBoundary += pool.face.boundary();
            }
            ground.ram().write32(phys + offset, (int) next);
            offset = next;
        }
        pool.pages.add(0, page);
        return page;
    }

    private void fill(Pool pool, Page page, int offset, int value) {
        if (poison) {
            ground.ram().fill(phys(pool, page) + offset, pool.face.size(), value);
        }
    }

    private long phys(Pool pool, Page page) {
        return devices.toPhys(pool.face.device(), page.memory.handle());
    }

    /** Whether the piece was given back. */
    boolean free(DmaPool face, DmaBuffer piece) {
        Pool pool = known(face);
        Page page = pool.pages.stream()
                .filter(candidate -> piece.handle() >= candidate.memory.handle()
                        && piece.handle() < candidate.memory.handle() + face.allocation())
                .findFirst()
                .orElse(null);
        if (page == null) {
            complain(face, "dma_pool_free %s, %08x/%x (bad dma)", face.name(), piece.virt(), piece.handle());
            return false;
        }
        int offset = (int) (piece.handle() - page.memory.handle());
        if (piece.virt() - page.memory.virt() != offset) {
            complain(face, "dma_pool_free %s, %08x (bad vaddr)/%x", face.name(), piece.virt(), piece.handle());
            return false;
        }
        if (free(pool, page).contains(offset)) {
            complain(face, "dma_pool_free %s, dma %x already free", face.name(), piece.handle());
            return false;
        }
        fill(pool, page, offset, FREED);
        ground.ram().write32(phys(pool, page) + offset, page.offset);
        page.offset = offset;
        page.inUse--;
        return true;
    }

    /** Offsets of the free pieces of a page, as the chain in memory has them; a chain that a wild write has bent ends. */
    private List<Integer> free(Pool pool, Page page) {
        List<Integer> found = new ArrayList<>();
        int offset = page.offset;
        while (offset >= 0 && offset < pool.face.allocation() && !found.contains(offset)) {
            found.add(offset);
            offset = ground.ram().read32(phys(pool, page) + offset);
        }
        return found;
    }

    void destroy(DmaPool face) {
        Pool pool = known(face);
        for (Page page : pool.pages) {
            if (page.inUse > 0) {
                complain(face, "dma_pool_destroy %s, %08x busy", face.name(), page.memory.virt());
            } else {
                give.test(face, page.memory);
            }
        }
        pools.remove(pool);
    }

    private Pool known(DmaPool face) {
        return pools.stream()
                .filter(pool -> pool.face.id() == face.id())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        face.id() == 0 ? "there is no such pool (NULL)" : "pool " + face.name() + " is no more"));
    }

    private void complain(DmaPool face, String format, Object... arguments) {
        String site = ground.trace().callSites().text(ground.context().callSite());
        ground.log()
                .printk(
                        KernelLog.ERR,
                        Words.name(face.device()) + ": " + String.format(format, arguments) + " [at " + site + "]");
    }

    List<DmaPool> all() {
        return pools.stream().map(pool -> pool.face).toList();
    }

    List<DmaPoolView> views() {
        return pools.stream()
                .map(pool -> new DmaPoolView(
                        pool.face.name(),
                        pool.face.device().name(),
                        pool.pages.stream().mapToInt(page -> page.inUse).sum(),
                        (int) (pool.pages.size() * (pool.face.allocation() / pool.face.size())),
                        pool.face.size(),
                        pool.pages.size()))
                .toList();
    }

    void verify(Verification report) {
        for (Pool pool : pools) {
            for (Page page : pool.pages) {
                List<Integer> free = free(pool, page);
                long perPage =
                        pool.face.allocation() / pool.face.boundary() * (pool.face.boundary() / pool.face.size());
                report.check(
                        free.size() + page.inUse == perPage || pool.face.allocation() % pool.face.boundary() != 0,
                        "pool %s has %d free and %d used pieces at 0x%08x, where there are %d: its chain is broken",
                        pool.face.name(),
                        free.size(),
                        page.inUse,
                        page.memory.virt(),
                        perPage);
            }
        }
    }

    // ---- state

    @Override
    public void save(StateWriter out) {
        out.putInt(lastId);
        out.putInt(pools.size());
        for (Pool pool : pools) {
            out.putString(pool.face.name());
            out.putLongs(new long[] {
                pool.face.id(),
                pool.face.device().id(),
                pool.face.size(),
                pool.face.boundary(),
                pool.face.allocation(),
                pool.pages.size()
            });
            for (Page page : pool.pages) {
                out.putLongs(new long[] {
                    page.memory.virt(), page.memory.handle(), page.memory.size(), page.inUse, page.offset
                });
            }
        }
    }

    @Override
    public void restore(StateReader in) {
        lastId = in.getInt();
        pools.clear();
        for (int left = in.getInt(); left > 0; left--) {
            String name = in.getString();
            long[] values = in.getLongs();
            Pool pool = new Pool(
                    new DmaPool((int) values[0], name, devices.get((int) values[1]), values[2], values[3], values[4]));
            for (int i = 0; i < values[5]; i++) {
                long[] fields = in.getLongs();
                Page page = new Page(new DmaBuffer(fields[0], fields[1], fields[2]));
                page.inUse = (int) fields[3];
                page.offset = (int) fields[4];
                pool.pages.add(page);
            }
            pools.add(pool);
        }
    }
}
