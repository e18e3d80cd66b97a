package org.kmemscope.fidelity.mapping;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.kmemscope.fidelity.Findings;

/**
 * Which of the kernel's page frames plays the part of which of the model's.
 *
 * <p>An experiment ran after others, and processes ran between them; what lay on the per-CPU lists when it began, no file tells. So the
 * first time a frame appears, kernel and model may name different ones: they are noted as a pair, and that is no fact. From then on the
 * two must go together: when the model hands out a frame that was freed before, the kernel must hand out its counterpart. That is a fact:
 * it follows from the rules alone.
 */
final class FrameNames {
    private final Map<Long, Long> modelled = new HashMap<>();
    private final Map<Long, Long> captured = new HashMap<>();
    private final Findings findings;
    private final String reason;
    private long first;

    /**
     * @param reason why the first appearance of a frame is not modelled
     */
    FrameNames(Findings findings, String reason) {
        this.findings = findings;
        this.reason = reason;
    }

    /** Whether the kernel's frame has appeared before. */
    boolean known(long kernels) {
        return modelled.containsKey(kernels);
    }

    /** Whether the kernel names a frame for the first time where the model names one that it has named before. */
    boolean isOutOfPlace(long kernels, long models) {
        return !modelled.containsKey(kernels) && captured.containsKey(models);
    }

    /** Whether the kernel's counterpart of a frame of the model has appeared before, and is not among some. */
    boolean isAbsent(long models, List<Long> kernels) {
        Long counterpart = captured.get(models);
        return counterpart != null && !kernels.contains(counterpart);
    }

    /**
     * Compares two frames that were handed out by the same call.
     *
     * @param fact what is compared
     * @param kernels number of the kernel's frame
     * @param models number of the model's
     */
    void compare(String fact, long kernels, long models, String where) {
        Long expected = modelled.get(kernels);
        Long counterpart = captured.get(models);
        if (expected == null && counterpart == null) {
            modelled.put(kernels, models);
            captured.put(models, kernels);
            first++;
        } else {
            findings.compare(
                    fact, text(kernels), counterpart == null ? "one not seen before" : text(counterpart), where);
        }
    }

    private static String text(long frame) {
        return "pfn " + Long.toHexString(frame);
    }

    /** Tells how many frames appeared for the first time. */
    void report() {
        if (first > 0) {
            findings.notModelled(first, reason);
        }
    }
}
