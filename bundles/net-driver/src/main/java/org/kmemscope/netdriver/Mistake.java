package org.kmemscope.netdriver;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What this driver does wrong if it is asked to. */
enum Mistake {
    /** Nothing. */
    NONE,
    /** The rings are allocated for no device. */
    NULL_DEVICE,
    /** The log shows the address of something else. */
    WRONG_VARIABLE,
    /** The buffers are from vmalloc. */
    VMALLOC,
    /** The buffers are taken without GFP_DMA. */
    OUT_OF_REACH,
    /** dma_mapping_error() is never called. */
    UNCHECKED,
    /** A frame is read before dma_sync_single_for_cpu(). */
    NO_SYNC,
    /** A frame that is mapped for sending is changed once more. */
    LATE_WRITE,
    /** Buffers for receiving are mapped DMA_TO_DEVICE. */
    WRONG_DIRECTION,
    /** A counter lies in the same cache line as the begin of a buffer. */
    SHARED_LINE,
    /** A frame that is being sent is freed at once. */
    EARLY_FREE;

    static Optional<Mistake> of(String name) {
        return Arrays.stream(values())
                .filter(mistake -> mistake.word().equals(name))
                .findFirst();
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static String words() {
        return Arrays.stream(values()).map(Mistake::word).collect(Collectors.joining(", "));
    }
}
