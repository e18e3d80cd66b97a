package org.kmemscope.dma;

/** What a driver has prepared for a channel ({@code struct dma_async_tx_descriptor}): a chain of descriptors in the channel's ring. */
final class Transaction {
    final int id;
    final Kind kind;
    /** The ring slots of its descriptors, in order. */
    final int[] slots;
    /** Bytes of each of them. */
    final long[] lengths;
    /** Given by submitting; 0 before. */
    int cookie;

    /** What it is for. */
    enum Kind {
        /** From memory to memory. */
        MEMCPY,
        /** Between memory and a device. */
        SLAVE,
        /** The same, over and over. */
        CYCLIC
    }

    Transaction(int id, Kind kind, int[] slots, long[] lengths) {
        this.id = id;
        this.kind = kind;
        this.slots = slots;
        this.lengths = lengths;
    }

    long total() {
        long total = 0;
        for (long length : lengths) {
            total += length;
        }
        return total;
    }
}
