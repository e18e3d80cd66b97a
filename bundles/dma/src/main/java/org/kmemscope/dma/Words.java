package org.kmemscope.dma;

import org.kmemscope.api.dma.DmaDevice;

/** How kernels name a device in a line of the log. */
final class Words {
    private Words() {}

    /** {@code dev_driver_string()} and {@code dev_name()}: a device without a driver has the name of its bus there. */
    static String name(DmaDevice device) {
        return device.equals(DmaDevice.NULL) ? "NULL NULL" : "platform " + device.name();
    }
}
