package org.kmemscope.api.view;

/**
 * Memory that a device may reach.
 *
 * @param kind {@code coherent} or {@code single}
 * @param device name of the device
 * @param virt where the CPU sees it
 * @param handle where the device sees it
 * @param size bytes
 * @param direction of the transfer
 * @param caller who made it
 */
public record DmaMappingView(
        String kind, String device, long virt, long handle, long size, String direction, String caller) {}
