package org.kmemscope.api.capture;

import java.util.List;
import org.kmemscope.api.view.AllocFailure;
import org.kmemscope.api.view.Views;

/**
 * A report of a failed allocation, read from a kernel log.
 *
 * @param kind {@code oom} or {@code page allocation failure}
 * @param line line of the log at which the report starts, from 1
 * @param task name of the task that asked
 * @param gfpNumber the mask as a number
 * @param gfp the mask by names
 * @param order the order
 * @param target zones, free lists and watermarks as the report tells them
 * @param failure zone by zone, why the request failed
 * @param reasons why it failed, in plain words, most important first
 * @param remedies what would have let it succeed
 */
public record FailureLog(
        String kind,
        int line,
        String task,
        long gfpNumber,
        String gfp,
        int order,
        Views target,
        AllocFailure failure,
        List<String> reasons,
        List<String> remedies) {}
