package org.kmemscope.dma;

import org.kmemscope.api.phys.MmioDevice;
import org.kmemscope.api.state.Stateful;

/** Hardware of a machine that has registers and does something by itself. */
interface DeviceModel extends MmioDevice, Stateful {
    /** What it is, in words. */
    String what();

    /** The register at an offset; empty if there is none. */
    String register(long offset);
}
