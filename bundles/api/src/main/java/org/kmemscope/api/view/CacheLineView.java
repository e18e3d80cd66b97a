package org.kmemscope.api.view;

/**
 * A line of the data cache.
 *
 * @param phys its physical address
 * @param state {@code clean}; {@code dirty}: the CPU has written what memory does not have; {@code stale}: a device has written to
 *     memory what the line does not have; {@code conflict}: both
 * @param dirty bytes that the CPU has written
 * @param stale bytes that a device has written
 * @param writer where the CPU's program wrote them; empty if it did not
 * @param cached the bytes the CPU sees, in hex
 * @param memory the bytes a device sees, in hex
 */
public record CacheLineView(
        long phys, String state, int dirty, int stale, String writer, String cached, String memory) {}
