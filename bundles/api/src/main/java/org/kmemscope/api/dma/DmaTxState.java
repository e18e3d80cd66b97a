package org.kmemscope.api.dma;

/**
 * How far a transaction is ({@code enum dma_status}, {@code struct dma_tx_state}).
 *
 * @param status its state
 * @param residue bytes that are still to be moved; of a cyclic transaction, bytes to the end of its buffer
 */
public record DmaTxState(Dma.TransferStatus status, long residue) {}
