package org.kmemscope.api.ground;

/**
 * A device of a machine.
 *
 * @param name what drivers ask for
 * @param kind {@code dma-controller}, {@code dma-engine}, {@code net-card}, {@code disk}, or {@code bus-master} for a device that only has a mask
 * @param dmaMask highest bus address the device can produce
 * @param coherentDmaMask the same for coherent memory
 * @param base physical address of its registers; 0 if it has none
 * @param size length of its registers, in bytes
 * @param irq interrupt line; 0 if it has none
 * @param busOffset physical address that the device reaches at bus address 0
 */
public record DeviceSpec(
        String name, String kind, long dmaMask, long coherentDmaMask, long base, long size, int irq, long busOffset) {
    /** A device whose bus addresses are physical addresses. */
    public DeviceSpec(String name, String kind, long dmaMask, long coherentDmaMask, long base, long size, int irq) {
        this(name, kind, dmaMask, coherentDmaMask, base, size, irq, 0);
    }
}
