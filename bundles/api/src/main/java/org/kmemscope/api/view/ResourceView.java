package org.kmemscope.api.view;

/**
 * A line of {@code /proc/iomem}.
 *
 * @param start first physical address
 * @param end last physical address, inclusive as Linux prints it
 * @param depth nesting
 * @param name name
 */
public record ResourceView(long start, long end, int depth, String name) {}
