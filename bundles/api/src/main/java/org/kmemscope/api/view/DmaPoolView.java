package org.kmemscope.api.view;

/**
 * A pool of coherent memory, as the file {@code pools} of its device shows it.
 *
 * @param name name
 * @param device its device
 * @param inUse pieces that drivers have
 * @param total pieces there are
 * @param size bytes of a piece
 * @param pages coherent buffers it has taken
 */
public record DmaPoolView(String name, String device, int inUse, int total, long size, int pages) {}
