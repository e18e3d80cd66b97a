package org.kmemscope.api.machine;

import java.util.List;

/**
 * What serves a part that can be exchanged.
 *
 * @param part the part
 * @param bound name of the provider in use; {@code none} if what was left is parked
 * @param wanted name of the one that the machine goes back to when it appears
 * @param available names of the providers that are present, best first
 * @param parked what waits for a successor, one line; empty if one is bound
 * @param handedOver what allocators before have left behind and is not free yet
 */
public record ExchangeState(
        Exchange.Part part,
        String bound,
        String wanted,
        List<String> available,
        String parked,
        List<HandedOver> handedOver) {
    /** Keeps unmodifiable copies. */
    public ExchangeState {
        available = List.copyOf(available);
        handedOver = List.copyOf(handedOver);
    }

    /**
     * What is left of one allocator.
     *
     * @param from its name
     * @param objects live objects that it has handed over, since there are any of it
     * @param objectsLeft how many of them are still live
     * @param slabs slabs, large blocks and the like in which they lie
     * @param slabsLeft how many of those have not gone back to the page allocator
     * @param pagesLeft pages of the latter
     */
    public record HandedOver(String from, long objects, long objectsLeft, long slabs, long slabsLeft, long pagesLeft) {}
}
