package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.machine.Machine;

/** Finds devices by their names. */
final class Devices {
    /** What people write for a NULL {@code struct device *}. */
    static final String NULL = "NULL";

    private Devices() {}

    static DmaDevice find(Machine machine, String name) {
        if (name.equals(NULL)) {
            return DmaDevice.NULL;
        }
        List<DmaDevice> devices = machine.locked(() -> machine.dma().devices());
        List<String> names = devices.stream().map(DmaDevice::name).toList();
        return devices.stream()
                .filter(device -> device.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new Failure("no device is called " + name + Nearest.hint(name, names)
                        + "; there are " + String.join(", ", names) + " and NULL"));
    }
}
