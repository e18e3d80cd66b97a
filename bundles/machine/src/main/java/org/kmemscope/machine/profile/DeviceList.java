package org.kmemscope.machine.profile;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.api.ground.DeviceSpec;

/** The key {@code devices} of a profile. */
final class DeviceList {
    private static final String BUS_MASTER = "bus-master";
    private static final List<String> KINDS = List.of("dma-controller", "dma-engine", "net-card", "disk", BUS_MASTER);
    private static final List<String> KEYS =
            List.of("name", "kind", "dmaMask", "coherentDmaMask", "base", "size", "irq", "busOffset");
    private static final int MAX_IRQ = 1024;

    private DeviceList() {}

    /** Reads and checks the devices. */
    static List<DeviceSpec> read(List<Node> items, Problems problems) {
        List<DeviceSpec> devices = new ArrayList<>();
        for (Node item : items) {
            DeviceSpec device = readOne(item, problems);
            for (DeviceSpec other : devices) {
                if (device.name().equals(other.name())) {
                    problems.at(item, "there is a device '%s' already", device.name());
                } else if (device.base() < other.base() + other.size()
                        && other.base() < device.base() + device.size()) {
                    problems.at(
                            item,
                            "its registers, %s, overlap those of %s",
                            MemoryList.range(device.base(), device.base() + device.size()),
                            other.name());
                }
            }
            devices.add(device);
        }
        return devices;
    }

    private static DeviceSpec readOne(Node item, Problems problems) {
        Fields device = new Fields(item, problems, KEYS);
        String name = device.text("name");
        String kind = device.choice("kind", KINDS);
        device.require("dmaMask");
        long mask = mask(device, "dmaMask", 0, problems);
        long coherent = mask(device, "coherentDmaMask", mask, problems);
        if (!kind.equals(BUS_MASTER)) {
            device.require("base");
            device.require("size");
            device.require("irq");
        }
        return new DeviceSpec(
                name,
                kind,
                mask,
                coherent,
                device.pages("base", 0),
                device.pages("size", 0),
                device.integer("irq", 1, MAX_IRQ, 0),
                device.pages("busOffset", 0));
    }

    /** A mask is told by its bits ({@code 32}) or in full ({@code "0xffffffff"}). */
    private static long mask(Fields device, String key, long otherwise, Problems problems) {
        return device.get(key)
                .map(node -> {
                    if (node.kind() == Node.Kind.NUMBER) {
                        int bits = device.integer(key, 1, Long.SIZE, Integer.SIZE);
                        return bits >= Long.SIZE - 1 ? Long.MAX_VALUE : (1L << bits) - 1;
                    }
                    long mask = device.bytesOf(node);
                    if ((mask & (mask + 1)) != 0 || mask == 0) {
                        problems.at(node, "%s is no mask: a mask is all ones, such as \"0xffffff\" or 24", node.text());
                    }
                    return mask;
                })
                .orElse(otherwise);
    }
}
