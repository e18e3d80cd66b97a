package org.kmemscope.api.dma;

/**
 * A piece of memory in a scatter list ({@code struct scatterlist}, as {@code sg_set_page()} fills it).
 *
 * @param pfn first frame; high memory will do
 * @param offset bytes from the begin of that frame
 * @param length bytes, at least 1; the piece may be longer than a page, if the frames are adjacent
 */
public record ScatterEntry(int pfn, int offset, int length) {}
