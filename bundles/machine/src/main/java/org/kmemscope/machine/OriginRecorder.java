package org.kmemscope.machine;

import java.util.Optional;
import org.kmemscope.api.machine.Provenance;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;
import org.kmemscope.api.trace.CallSites;
import org.kmemscope.api.trace.TraceListener;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.trace.Tracepoints;

/** Remembers where each live allocation came from, by listening. */
final class OriginRecorder implements Provenance, TraceListener, Stateful {
    private final Tracepoints trace;
    private final CallSites texts;
    private final OriginTable objects = new OriginTable();
    private final OriginTable pages = new OriginTable();
    private boolean enabled;

    OriginRecorder(Tracepoints trace) {
        this.trace = trace;
        this.texts = trace.callSites();
    }

    @Override
    public boolean enabled() {
        return enabled;
    }

    @Override
    public void enable(boolean on) {
        enabled = on;
        if (on) {
            trace.listen(
                    this,
                    TracePoint.KMALLOC,
                    TracePoint.KFREE,
                    TracePoint.KMEM_CACHE_ALLOC,
                    TracePoint.KMEM_CACHE_FREE,
                    TracePoint.MM_PAGE_ALLOC,
                    TracePoint.MM_PAGE_FREE);
        } else {
            trace.silence(this);
            objects.clear();
            pages.clear();
        }
    }

    @Override
    public void event(TracePoint point, Header header, long[] values) {
        switch (point) {
            case KMALLOC, KMEM_CACHE_ALLOC -> remember(objects, values[1], header, (int) values[0], values[2]);
            case KFREE, KMEM_CACHE_FREE -> objects.remove(values[1]);
            case MM_PAGE_ALLOC -> remember(pages, values[0], header, header.callSite(), values[1]);
            case MM_PAGE_FREE -> pages.remove(values[0]);
            default -> throw new IllegalArgumentException("not asked for " + point);
        }
    }

    private void remember(OriginTable table, long key, Header header, int site, long requested) {
        if (key > 0) {
            table.put(key, header.sequence(), header.jiffies(), header.pid(), texts.id(header.comm()), site, requested);
        }
    }

    @Override
    public Optional<Origin> object(long virt) {
        return origin(objects, virt);
    }

    @Override
    public Optional<Origin> page(int pfn) {
        return origin(pages, pfn);
    }

    @Override
    public void save(StateWriter out) {
        out.putBoolean(enabled);
        objects.save(out);
        pages.save(out);
    }

    @Override
    public void restore(StateReader in) {
        enable(in.getBoolean());
        objects.restore(in);
        pages.restore(in);
    }

    private Optional<Origin> origin(OriginTable table, long key) {
        int entry = table.find(key);
        return entry < 0
                ? Optional.empty()
                : Optional.of(new Origin(
                        table.value(entry, OriginTable.SEQUENCE),
                        table.value(entry, OriginTable.JIFFIES),
                        (int) table.value(entry, OriginTable.PID),
                        texts.text(table.value(entry, OriginTable.COMM)),
                        texts.text(table.value(entry, OriginTable.SITE)),
                        table.value(entry, OriginTable.REQUESTED)));
    }
}
