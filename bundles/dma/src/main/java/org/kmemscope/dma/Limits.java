package org.kmemscope.dma;

import java.util.Optional;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.dma.DmaLimits;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.Profile;

/**
 * What a driver may ask about its device ({@code kernel/dma/direct.c}).
 *
 * <ol>
 *   <li>The required mask has as many bits as the bus address of the last page.
 *   <li>Mappings are limited by the software IO TLB, where there is one and the device may need it: a segment of 128 slots.
 *   <li>Syncs are needed where devices do not see the CPU's caches, or work on copies.
 * </ol>
 */
final class Limits {
    private static final long UNLIMITED = 0xffff_ffffL;

    private final Ground ground;
    private final DeviceTable devices;
    private final Optional<BouncePool> bounce;

    Limits(Ground ground, DeviceTable devices, Optional<BouncePool> bounce) {
        this.ground = ground;
        this.devices = devices;
        this.bounce = bounce;
    }

    DmaLimits of(DmaDevice device) {
        devices.require(device);
        long last = devices.toBus(device, (long) (ground.layout().maxPfn() - 1) << Profile.PAGE_SHIFT);
        long required = 2 * Long.highestOneBit(last) - 1;
        boolean forced = bounce.isPresent() && bounce.get().forced();
        boolean copies = forced || bounce.isPresent() && Long.compareUnsigned(devices.mask(device), required) < 0;
        long most = copies ? (long) BouncePool.SEGMENT << BouncePool.SLOT_SHIFT : UNLIMITED;
        return new DmaLimits(required, most, !ground.profile().arch().coherentDma() || forced);
    }
}
