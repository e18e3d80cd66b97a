package org.kmemscope.api.capture;

import org.kmemscope.api.vmalloc.VmallocState;

/**
 * A state of the vmalloc area in a vector file.
 *
 * @param line line of the file in which it begins, from 1
 * @param tag what it is called there, such as {@code start}; several may have the same
 * @param state the areas, or none if only the tree was printed there; the tree of free ranges, or none
 */
public record VmallocDump(int line, String tag, VmallocState state) {}
