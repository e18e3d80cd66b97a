package org.kmemscope.netdriver;

/** The registers of the card, and its descriptors; see docs/dma.md. */
final class Registers {
    static final int CONTROL = 0x00;
    static final int STATUS = 0x04;
    static final int RX_RING = 0x08;
    static final int RX_SIZE = 0x0c;
    static final int TX_RING = 0x10;
    static final int TX_SIZE = 0x14;
    static final int KICK = 0x18;

    static final int RX_ENABLE = 1;
    static final int TX_ENABLE = 2;
    static final int IRQ_ENABLE = 4;

    static final int OVERRUN = 4;
    static final int ERROR = 8;

    /** Bytes of a descriptor. */
    static final int DESCRIPTOR = 16;

    static final int BUFFER = 0;
    static final int LENGTH = 4;
    static final int FLAGS = 8;

    static final int OWN = 0x8000_0000;
    static final int DONE = 1;

    private Registers() {}
}
