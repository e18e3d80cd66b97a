package org.kmemscope.dma;

import java.util.List;
import java.util.TreeMap;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.mmu.Protection;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.view.AddressFact;
import org.kmemscope.api.view.VmapAreaView;
import org.kmemscope.api.vmalloc.Vmalloc;

/** As much of a vmalloc area as DMA needs: maps pages, always behind the last area, with a guard page. */
final class FakeVmalloc implements Vmalloc {
    private final Ground ground;
    private final TreeMap<Long, Integer> areas = new TreeMap<>();
    private long next;

    FakeVmalloc(Ground ground) {
        this.ground = ground;
        next = ground.layout().vmallocStart();
    }

    @Override
    public long vmap(int[] pfns, Protection protection) {
        sleepable("vmap");
        long virt = next;
        long end = virt + ((long) pfns.length << Profile.PAGE_SHIFT);
        if (end + Profile.PAGE_SIZE > ground.layout().vmallocEnd()) {
            return 0;
        }
        for (int page = 0; page < pfns.length; page++) {
            long phys = (long) pfns[page] << Profile.PAGE_SHIFT;
            ground.mmu().map(virt + ((long) page << Profile.PAGE_SHIFT), phys, protection);
        }
        areas.put(virt, pfns.length);
        next = end + Profile.PAGE_SIZE;
        return virt;
    }

    @Override
    public void vunmap(long address) {
        sleepable("vunmap");
        int pages = areas.remove(address);
        for (int page = 0; page < pages; page++) {
            ground.mmu().unmap(address + ((long) page << Profile.PAGE_SHIFT));
        }
        ground.mmu().flushAll();
    }

    private void sleepable(String call) {
        if (ground.context().inInterrupt()) {
            throw new KernelBug("kernel BUG at mm/vmalloc.c: " + call + " in interrupt");
        }
    }

    @Override
    public long ioremap(long phys, long size) {
        long virt = next;
        ground.mmu().map(virt, phys, Protection.NOCACHE);
        areas.put(virt, 1);
        next += 2 * Profile.PAGE_SIZE;
        return virt;
    }

    @Override
    public void iounmap(long address) {
        vunmap(address);
    }

    @Override
    public boolean isVmallocAddress(long address) {
        return address >= ground.layout().vmallocStart()
                && address < ground.layout().vmallocEnd();
    }

    @Override
    public List<VmapAreaView> areas() {
        return List.of();
    }

    @Override
    public long vmalloc(long size) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long vmalloc(long size, int gfp, Protection protection) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void vfree(long address) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int vmallocToPfn(long address) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void purge() {
        // nothing is lazy here
    }

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public void verify(Verification report) {
        report.checked(1);
    }

    @Override
    public void describe(long virt, List<AddressFact> facts) {
        // knows nothing
    }

    @Override
    public void save(StateWriter out) {
        out.putLong(next);
        out.putLongs(areas.keySet().stream().mapToLong(Long::longValue).toArray());
        out.putInts(areas.values().stream().mapToInt(Integer::intValue).toArray());
    }

    @Override
    public void restore(StateReader in) {
        next = in.getLong();
        long[] starts = in.getLongs();
        int[] pages = in.getInts();
        areas.clear();
        for (int i = 0; i < starts.length; i++) {
            areas.put(starts[i], pages[i]);
        }
    }
}
