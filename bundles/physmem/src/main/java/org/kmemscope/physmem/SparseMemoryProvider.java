package org.kmemscope.physmem;

import java.util.List;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.phys.PhysicalMemory;
import org.kmemscope.api.phys.PhysicalMemoryProvider;
import org.kmemscope.api.phys.RamRange;
import org.osgi.service.component.annotations.Component;

/** Makes sparse RAM and flat frame columns. */
@Component
public final class SparseMemoryProvider implements PhysicalMemoryProvider {
    @Override
    public PhysicalMemory createRam(List<RamRange> ranges) {
        return new SparseMemory(ranges);
    }

    @Override
    public PageFrames createFrames(int firstPfn, int endPfn, int pageblockOrder) {
        return new FrameColumns(firstPfn, endPfn, pageblockOrder);
    }
}
