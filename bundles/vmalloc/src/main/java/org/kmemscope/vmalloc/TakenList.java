package org.kmemscope.vmalloc;

import java.util.List;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.vmalloc.VmallocState.FreeRange;

/** What kernels before 5.2 know: which ranges are taken. What is free are the gaps between them. */
abstract class TakenList implements Placement {
    final RangeList taken = new RangeList();

    @Override
    public void give(long start, long end) {
        taken.remove(taken.startingAt(start));
    }

    @Override
    public void load(RangeList recorded, List<FreeRange> freeTree) {
        taken.clear();
        for (int i = 0; i < recorded.size(); i++) {
            taken.add(recorded.start(i), recorded.end(i), 0);
        }
    }

    @Override
    public void verify(Verification report, RangeList expected) {
        report.check(
                taken.size() == expected.size(),
                "vmalloc: %d ranges are taken, but areas hold %d",
                taken.size(),
                expected.size());
        for (int i = 0; i < Math.min(taken.size(), expected.size()); i++) {
            report.check(
                    taken.start(i) == expected.start(i) && taken.end(i) == expected.end(i),
                    "vmalloc: 0x%08x-0x%08x is taken, but the area is 0x%08x-0x%08x",
                    taken.start(i),
                    taken.end(i),
                    expected.start(i),
                    expected.end(i));
        }
    }

    @Override
    public void save(StateWriter out) {
        taken.save(out);
    }

    @Override
    public void restore(StateReader in) {
        taken.restore(in);
    }
}
