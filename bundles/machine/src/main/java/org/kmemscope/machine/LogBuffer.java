package org.kmemscope.machine;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/** The kernel's log: a ring of lines, as many as a real log buffer would hold. */
final class LogBuffer implements KernelLog, Stateful {
    private static final int CAPACITY = 8192;

    private final Deque<Line> lines = new ArrayDeque<>();
    private long written;
    private TickClock clock;

    void setClock(TickClock newClock) {
        clock = newClock;
    }

    @Override
    public void printk(int level, String text) {
        for (String part : text.split("\n", -1)) {
            if (lines.size() == CAPACITY) {
                lines.removeFirst();
            }
            lines.addLast(new Line(clock == null ? 0 : clock.micros(), level, part));
            written++;
        }
    }

    @Override
    public List<Line> lines() {
        return List.copyOf(lines);
    }

    @Override
    public long written() {
        return written;
    }

    @Override
    public void clear() {
        lines.clear();
    }

    @Override
    public void save(StateWriter out) {
        out.putLong(written);
        out.putInt(lines.size());
        for (Line line : lines) {
            out.putLong(line.micros());
            out.putInt(line.level());
            out.putString(line.text());
        }
    }

    @Override
    public void restore(StateReader in) {
        written = in.getLong();
        lines.clear();
        for (int i = in.getInt(); i > 0; i--) {
            lines.addLast(new Line(in.getLong(), in.getInt(), in.getString()));
        }
    }
}
