package org.kmemscope.api.debug;

import java.util.List;

/**
 * How a request for pages was served, or why it was not.
 *
 * @param sequence number of its last event
 * @param request the mask by names, and the order
 * @param result the block it got, or that it failed
 * @param steps what the allocator did, one sentence each, with the numbers it compared
 */
public record AllocationStory(long sequence, String request, String result, List<String> steps) {
    /** Keeps an unmodifiable copy. */
    public AllocationStory {
        steps = List.copyOf(steps);
    }
}
