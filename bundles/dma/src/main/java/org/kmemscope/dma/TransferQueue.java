package org.kmemscope.dma;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.kmemscope.api.dma.Dma.TransferStatus;
import org.kmemscope.api.dma.DmaDescriptor;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * The orders of one channel, worked off one after the other. Each has a number, its cookie, from 1; as they end in order, "ended" is
 * one comparison, as in Linux's DMA engines, and only those that failed are remembered singly.
 *
 * <pre>
 *   1 2 3 4 | 5 | 6 7        1-4 ended (3 failed), 5 in work, 6 and 7 wait
 * </pre>
 */
final class TransferQueue implements Stateful {
    /** Orders that can be in the queue, the one in work included. */
    static final int CAPACITY = 16;

    private final Deque<DmaDescriptor> orders = new ArrayDeque<>();
    private final TreeSet<Integer> failed = new TreeSet<>();
    private int lastCookie;
    private long moved;

    boolean isEmpty() {
        return orders.isEmpty();
    }

    boolean isFull() {
        return orders.size() == CAPACITY;
    }

    int size() {
        return orders.size();
    }

    /** Adds an order: its cookie. */
    int add(DmaDescriptor order) {
        orders.addLast(order);
        return ++lastCookie;
    }

    /** The order in work. */
    DmaDescriptor current() {
        return orders.getFirst();
    }

    int currentCookie() {
        return lastCookie - orders.size() + 1;
    }

    int lastCookie() {
        return lastCookie;
    }

    /** The last order that ended; 0 if none did. */
    int endedCookie() {
        return lastCookie - orders.size();
    }

    /** Bytes moved of the order in work. */
    long moved() {
        return moved;
    }

    void move(long bytes) {
        moved += bytes;
    }

    /** Ends the order in work. */
    void end(boolean well) {
        if (!well) {
            failed.add(currentCookie());
        }
        orders.removeFirst();
        moved = 0;
    }

    TransferStatus status(int cookie) {
        if (cookie < 1 || cookie > lastCookie) {
            return TransferStatus.UNKNOWN;
        }
        if (cookie > endedCookie()) {
            return TransferStatus.IN_PROGRESS;
        }
        return failed.contains(cookie) ? TransferStatus.ERROR : TransferStatus.COMPLETE;
    }

    @Override
    public void save(StateWriter out) {
        out.putInt(lastCookie);
        out.putLong(moved);
        out.putInts(failed.stream().mapToInt(Integer::intValue).toArray());
        out.putLongs(orders.stream()
                .flatMapToLong(order -> LongStream.of(order.source(), order.destination(), order.length()))
                .toArray());
    }

    @Override
    public void restore(StateReader in) {
        lastCookie = in.getInt();
        moved = in.getLong();
        failed.clear();
        for (int cookie : in.getInts()) {
            failed.add(cookie);
        }
        orders.clear();
        long[] values = in.getLongs();
        for (int i = 0; i < values.length; i += 3) {
            orders.addLast(new DmaDescriptor(values[i], values[i + 1], values[i + 2]));
        }
    }
}
