package org.kmemscope.api.capture;

import java.util.List;
import java.util.Optional;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.view.Views;
import org.osgi.annotation.versioning.ProviderType;

/** A capture of a real kernel. Immutable; files are read when they are first asked for. */
@ProviderType
public interface Capture {
    /** Name of the directory or archive. */
    String name();

    /**
     * The capture as a target. A question whose file is missing throws {@link NotCaptured}.
     */
    Views views();

    /** Names of the files there are, sorted. */
    List<String> files();

    /** The lines of a file (decompressed if it is gzip'ed), or empty if the capture does not have it. */
    Optional<List<String>> lines(String file);

    /** What is missing, and which questions can therefore not be answered. */
    List<Missing> missing();

    /**
     * What a machine of this kind is built from, as far as the capture tells.
     *
     * @throws NotCaptured if it does not even tell the kernel's version and its memory
     */
    MachineSeed seed();

    /**
     * A state of the page allocator that a module printed into a vector file with interrupts off.
     *
     * @param file name of the vector file
     * @param tag which state: {@code start} or {@code end}, in some files {@code mid} too
     * @return the state; empty if there is no such file or no such state in it
     * @throws IllegalArgumentException with one line, if it is malformed
     */
    Optional<PageState> state(String file, String tag);

    /**
     * States of the vmalloc area that a module printed into a vector file, in their order; none if there is no such file.
     *
     * @param file name of the vector file
     * @throws IllegalArgumentException with one line, if one is malformed
     */
    List<VmallocDump> vmallocDumps(String file);

    /**
     * A file that is not there.
     *
     * @param file its usual name
     * @param question what it would have answered
     */
    record Missing(String file, String question) {}
}
