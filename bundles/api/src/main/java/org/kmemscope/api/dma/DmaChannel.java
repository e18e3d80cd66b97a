package org.kmemscope.api.dma;

/**
 * A channel of a DMA engine ({@code struct dma_chan}).
 *
 * @param engine its controller
 * @param number index among the controller's channels; -1 if there was none free
 * @param irq the interrupt line it raises when a transaction ends, and after each period of a cyclic one
 */
public record DmaChannel(DmaDevice engine, int number, int irq) {
    /** What {@code dma_request_chan()} answers if no channel is free. */
    public static final DmaChannel NONE = new DmaChannel(DmaDevice.NULL, -1, 0);

    /** The name Linux gives it. */
    public String name() {
        return engine.name() + "chan" + number;
    }
}
