package org.kmemscope.api.view;

/**
 * One thing that a layer knows of an address.
 *
 * @param layer who says it: {@code linear map}, {@code slab}, {@code page}, {@code zone}, {@code vmalloc}, {@code kmap}, ...
 * @param text what it says, one line
 */
public record AddressFact(String layer, String text) {}
