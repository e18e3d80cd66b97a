package org.kmemscope.api.view;

/**
 * A channel of a DMA engine.
 *
 * @param name name
 * @param state {@code free}, {@code idle}, {@code busy}, {@code paused}
 * @param owner who has requested it; empty if nobody has
 * @param cookie transaction in work; 0 if none is
 * @param kind {@code memcpy}, {@code slave}, {@code cyclic}; empty if none is in work
 * @param residue bytes still to be moved of it
 * @param waiting transactions that wait behind it
 * @param completed cookie of the transaction that ended last
 * @param descriptor bus address of the descriptor in work; 0 if none is
 */
public record DmaChannelView(
        String name,
        String state,
        String owner,
        int cookie,
        String kind,
        long residue,
        int waiting,
        int completed,
        long descriptor) {}
