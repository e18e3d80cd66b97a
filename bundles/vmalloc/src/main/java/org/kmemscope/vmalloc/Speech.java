package org.kmemscope.vmalloc;

import org.kmemscope.api.ground.KernelVersion;

/** In whose words the vmalloc area complains. */
enum Speech {
    /** Up to 2.6.27. */
    EARLY("allocation failed: out of vmalloc space - use vmalloc=<size> to increase size.", false, false),
    /** 2.6.28 to 2.6.38: silent about everything but a lack of addresses. */
    TERSE("vmap allocation for size %d failed: use vmalloc=<size> to increase size.", false, false),
    /** 2.6.39 to 4.5: a failure is reported as one of the page allocator, too. */
    CLASSIC("vmap allocation for size %d failed: use vmalloc=<size> to increase size.", true, false),
    /** From 4.6 on, as of 6.1. */
    MODERN("vmap allocation for size %d failed: use vmalloc=<size> to increase size", true, true);

    private final String noRoom;
    private final boolean tellsFailures;
    private final boolean modern;

    Speech(String noRoom, boolean tellsFailures, boolean modern) {
        this.noRoom = noRoom;
        this.tellsFailures = tellsFailures;
        this.modern = modern;
    }

    static Speech of(KernelVersion layer) {
        if (layer.isAtLeast(4, 6)) {
            return MODERN;
        }
        if (layer.isAtLeast(2, 6, 39)) {
            return CLASSIC;
        }
        return layer.isAtLeast(2, 6, 28) ? TERSE : EARLY;
    }

    /** No addresses left. */
    String noRoom(long size) {
        return String.format(noRoom, size);
    }

    /** Whether a failed vmalloc is reported. */
    boolean tellsFailures() {
        return tellsFailures;
    }

    /** Whether reports name the mask by its flags, and warnings the CPU and the task. */
    boolean modern() {
        return modern;
    }
}
