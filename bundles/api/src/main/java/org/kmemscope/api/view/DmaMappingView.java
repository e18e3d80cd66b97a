package org.kmemscope.api.view;

/**
 * Memory that a device may reach.
 *
 * @param kind {@code coherent}, {@code single}, {@code page} or {@code scather-gather} (so the kernel spells it)
 * @param device name of the device
 * @param virt where the CPU sees it; 0 for a page of high memory
 * @param handle where the device sees it
 * @param size bytes
 * @param direction of the transfer
 * @param caller who made it
 * @param owner {@code device}, or {@code cpu} after a sync; {@code both} for coherent memory
 */
public record DmaMappingView(
        String kind, String device, long virt, long handle, long size, String direction, String caller, String owner) {}
