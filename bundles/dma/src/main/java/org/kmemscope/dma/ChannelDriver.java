package org.kmemscope.dma;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.kmemscope.api.dma.Dma.TransferStatus;
import org.kmemscope.api.dma.DmaBuffer;
import org.kmemscope.api.dma.DmaTxState;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.mmu.Mmu;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * The kernel's side of a channel: prepared, submitted and issued transactions, in the manner of {@code drivers/dma/virt-dma.c}.
 *
 * <pre>
 *   prep ──→ prepared ── submit ──→ submitted ── issue_pending ──→ issued ──→ in work ──→ ended
 *                        cookie n                                  (the channel's hardware)
 *
 *   ring   | slot | slot | ...       128 descriptors in coherent memory; a transaction takes what it needs, lowest first
 * </pre>
 *
 * <p>Cookies ascend and transactions end in their order, so "ended" is one comparison; those that failed are remembered singly.
 */
final class ChannelDriver implements Stateful {
    static final int SLOTS = 128;
    /** Bytes of the ring. */
    static final int RING = SLOTS * EngineChannel.DESCRIPTOR;

    private static final int ENOMEM = -12;
    private static final int EINVAL = -22;
    /** What one descriptor moves at most. */
    private static final long LONGEST = 1L << 20;

    private final Mmu mmu;
    private final EngineChannel hardware;
    private final BitSet taken = new BitSet(SLOTS);
    private final List<Transaction> prepared = new ArrayList<>();
    private final Deque<Transaction> submitted = new ArrayDeque<>();
    private final Deque<Transaction> issued = new ArrayDeque<>();
    private final TreeSet<Integer> failed = new TreeSet<>();
    private DmaBuffer ring = DmaBuffer.FAILED;
    private int owner;
    private long fifo;
    private int lastId;
    private int lastCookie;
    private int completed;

    ChannelDriver(Mmu mmu, EngineChannel hardware) {
        this.mmu = mmu;
        this.hardware = hardware;
    }

    // ---- who has it

    boolean isFree() {
        return ring.failed();
    }

    void request(DmaBuffer memory, int callSite) {
        ring = memory;
        owner = callSite;
        fifo = 0;
    }

    /** The ring, to be given back. */
    DmaBuffer release() {
        terminate();
        DmaBuffer memory = ring;
        ring = DmaBuffer.FAILED;
        owner = 0;
        return memory;
    }

    int owner() {
        return owner;
    }

    void config(long port) {
        fifo = port;
    }

    // ---- preparing

    /** Pieces of one transaction, each a source, a target and a length. */
    record Piece(long source, long target, long length) {}

    int memcpy(long target, long source, long length) {
        if (length < 1) {
            return EINVAL;
        }
        List<Piece> pieces = new ArrayList<>();
        for (long done = 0; done < length; done += LONGEST) {
            pieces.add(new Piece(source + done, target + done, Math.min(LONGEST, length - done)));
        }
        return prepare(Transaction.Kind.MEMCPY, pieces, 0, false);
    }

    /**
     * @param toDevice whether memory is the source
     */
    int slave(List<Piece> memory, boolean toDevice) {
        return fifo == 0 || memory.isEmpty()
                ? EINVAL
                : prepare(Transaction.Kind.SLAVE, withPort(memory, toDevice), fixed(toDevice), false);
    }

    int cyclic(long buffer, long length, long period, boolean toDevice) {
        if (fifo == 0 || period < 1 || length < period || length % period != 0) {
            return EINVAL;
        }
        List<Piece> pieces = new ArrayList<>();
        for (long at = 0; at < length; at += period) {
            pieces.add(new Piece(buffer + at, buffer + at, period));
        }
        return prepare(Transaction.Kind.CYCLIC, withPort(pieces, toDevice), fixed(toDevice), true);
    }

    private List<Piece> withPort(List<Piece> memory, boolean toDevice) {
        return memory.stream()
                .map(piece -> toDevice
                        ? new Piece(piece.source(), fifo, piece.length())
                        : new Piece(fifo, piece.target(), piece.length()))
                .toList();
    }

    private static int fixed(boolean toDevice) {
        return toDevice ? EngineChannel.DST_FIXED : EngineChannel.SRC_FIXED;
    }

    private int prepare(Transaction.Kind kind, List<Piece> pieces, int flags, boolean cyclic) {
        if (isFree()) {
            return EINVAL;
        }
        if (taken.cardinality() + pieces.size() > SLOTS) {
            return ENOMEM;
        }
        int[] slots = new int[pieces.size()];
        long[] lengths = new long[pieces.size()];
        for (int i = 0; i < slots.length; i++) {
            slots[i] = taken.nextClearBit(0);
            taken.set(slots[i]);
            lengths[i] = pieces.get(i).length();
        }
        for (int i = 0; i < slots.length; i++) {
            boolean last = i == slots.length - 1;
            int control = flags;
            control |= cyclic || last ? EngineChannel.IRQ : 0;
            control |= last && !cyclic ? EngineChannel.LAST : 0;
            write(slots[i], pieces.get(i), control, address(slots[last ? 0 : i + 1]));
        }
        Transaction transaction = new Transaction(++lastId, kind, slots, lengths);
        prepared.add(transaction);
        return transaction.id;
    }

    private void write(int slot, Piece piece, int control, long next) {
        long virt = ring.virt() + (long) slot * EngineChannel.DESCRIPTOR;
        int[] words = {
            (int) piece.source(),
            (int) piece.target(),
            (int) piece.length(),
            control,
            (int) next,
            0,
            (int) (piece.source() >>> Integer.SIZE),
            (int) (piece.target() >>> Integer.SIZE)
        };
        for (int i = 0; i < words.length; i++) {
            mmu.write32(virt + (long) i * Integer.BYTES, words[i]);
        }
    }

    private long address(int slot) {
        return ring.handle() + (long) slot * EngineChannel.DESCRIPTOR;
    }

    // ---- running

    /** {@code dmaengine_submit()}: the cookie. */
    int submit(int id) {
        Optional<Transaction> found =
                prepared.stream().filter(candidate -> candidate.id == id).findFirst();
        if (found.isEmpty()) {
            return EINVAL;
        }
        prepared.remove(found.get());
        found.get().cookie = ++lastCookie;
        submitted.addLast(found.get());
        return lastCookie;
    }

    /** {@code dma_async_issue_pending()}: whether the hardware has something to do. */
    boolean issue() {
        issued.addAll(submitted);
        submitted.clear();
        return startNext();
    }

    private boolean startNext() {
        if (!hardware.isRunning() && !issued.isEmpty()) {
            hardware.start(address(issued.getFirst().slots[0]));
        }
        return hardware.isRunning();
    }

    /** The hardware is done with the first, well or not: whether it goes on with another. */
    boolean ended(boolean well) {
        if (issued.isEmpty()) {
            // somebody has programmed the channel by its registers
            return false;
        }
        Transaction done = issued.removeFirst();
        if (!well) {
            failed.add(done.cookie);
        }
        completed = done.cookie;
        free(done);
        return startNext();
    }

    private void free(Transaction transaction) {
        Arrays.stream(transaction.slots).forEach(taken::clear);
    }

    /** {@code dmaengine_terminate_sync()}. */
    void terminate() {
        hardware.stop();
        for (Collection<Transaction> list : List.of(issued, submitted, prepared)) {
            list.forEach(this::free);
            list.clear();
        }
        completed = lastCookie;
    }

    // ---- looking

    void verify(String name, Verification report) {
        BitSet used = new BitSet(SLOTS);
        for (Collection<Transaction> list : List.of(prepared, submitted, issued)) {
            for (Transaction transaction : list) {
                for (int slot : transaction.slots) {
                    report.check(!used.get(slot), "descriptor %d of %s belongs to two transactions", slot, name);
                    used.set(slot);
                }
            }
        }
        report.check(
                used.equals(taken),
                "the ring of %s has %d descriptors taken, its transactions have %d",
                name,
                taken.cardinality(),
                used.cardinality());
        report.check(
                isFree() || !hardware.isRunning() || !issued.isEmpty() || lastCookie == 0,
                "%s runs, but none of its transactions is issued",
                name);
    }

    Optional<Transaction> inWork() {
        return hardware.isRunning() ? Optional.ofNullable(issued.peekFirst()) : Optional.empty();
    }

    int waiting() {
        return submitted.size() + issued.size() - (hardware.isRunning() ? 1 : 0);
    }

    int completed() {
        return completed;
    }

    DmaTxState status(int cookie) {
        if (cookie < 1 || cookie > lastCookie) {
            return new DmaTxState(TransferStatus.UNKNOWN, 0);
        }
        if (cookie <= completed) {
            return new DmaTxState(failed.contains(cookie) ? TransferStatus.ERROR : TransferStatus.COMPLETE, 0);
        }
        Optional<Transaction> work = inWork().filter(transaction -> transaction.cookie == cookie);
        if (work.isPresent()) {
            return new DmaTxState(
                    hardware.isPaused() ? TransferStatus.PAUSED : TransferStatus.IN_PROGRESS, residue(work.get()));
        }
        long total = java.util.stream.Stream.concat(issued.stream(), submitted.stream())
                .filter(transaction -> transaction.cookie == cookie)
                .mapToLong(Transaction::total)
                .sum();
        return new DmaTxState(TransferStatus.IN_PROGRESS, total);
    }

    /** What is left from the descriptor in work on. */
    long residue(Transaction transaction) {
        long left = 0;
        boolean reached = false;
        for (int i = 0; i < transaction.slots.length; i++) {
            reached |= address(transaction.slots[i]) == hardware.descriptor();
            left += reached ? transaction.lengths[i] : 0;
        }
        return left - hardware.moved();
    }

    // ---- state

    @Override
    public void save(StateWriter out) {
        out.putLongs(new long[] {ring.virt(), ring.handle(), ring.size(), owner, fifo, lastId, lastCookie, completed});
        out.putLongs(taken.toLongArray());
        out.putInts(failed.stream().mapToInt(Integer::intValue).toArray());
        for (Collection<Transaction> list : List.of(prepared, submitted, issued)) {
            out.putInt(list.size());
            for (Transaction transaction : list) {
                out.putInts(new int[] {transaction.id, transaction.kind.ordinal(), transaction.cookie});
                out.putInts(transaction.slots);
                out.putLongs(transaction.lengths);
            }
        }
        hardware.save(out);
    }

    @Override
    public void restore(StateReader in) {
        long[] values = in.getLongs();
        ring = new DmaBuffer(values[0], values[1], values[2]);
        owner = (int) values[3];
        fifo = values[4];
        lastId = (int) values[5];
        lastCookie = (int) values[6];
        completed = (int) values[7];
        taken.clear();
        taken.or(BitSet.valueOf(in.getLongs()));
        failed.clear();
        Arrays.stream(in.getInts()).forEach(failed::add);
        for (Collection<Transaction> list : List.of(prepared, submitted, issued)) {
            list.clear();
            for (int left = in.getInt(); left > 0; left--) {
                int[] head = in.getInts();
                Transaction transaction =
                        new Transaction(head[0], Transaction.Kind.values()[head[1]], in.getInts(), in.getLongs());
                transaction.cookie = head[2];
                list.add(transaction);
            }
        }
        hardware.restore(in);
    }
}
