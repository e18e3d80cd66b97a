package org.kmemscope.shell.command;

import java.lang.reflect.Field;
import java.util.Collection;
import java.util.Optional;
import org.apache.felix.service.command.Job;

/**
 * Gogo keeps each command that a loop has run, with its streams (35 KiB), until the loop ends: a script that goes through all pages of
 * a zone filled the heap. It offers no way to forget them, so this reaches for the list. Where there is none, nothing is lost but
 * memory.
 */
public final class FinishedJobs {
    private static final String LIST = "children";

    private FinishedJobs() {}

    /** Forgets what the jobs around one have finished. */
    static void forget(Job job) {
        for (Job around = job.parent(); around != null; around = around.parent()) {
            children(around).ifPresent(jobs -> jobs.removeIf(FinishedJobs::isFinished));
        }
    }

    /** How many commands a job keeps; 0 if it does not say. */
    public static int kept(Job job) {
        return children(job).map(Collection::size).orElse(0);
    }

    private static boolean isFinished(Object child) {
        return child instanceof Job job && job.status() == Job.Status.Done;
    }

    private static Optional<Collection<?>> children(Job job) {
        try {
            Field list = job.getClass().getDeclaredField(LIST);
            list.setAccessible(true);
            return Optional.of((Collection<?>) list.get(job));
        } catch (ReflectiveOperationException e) {
            return Optional.empty();
        }
    }
}
