package org.kmemscope.capture.file;

import java.util.List;

/** Named bytes: a folder or an archive. Names are paths within it, with {@code /}. Immutable, as far as the folder is. */
public interface FileStore {
    /** The last part of its path, without the endings of archives. */
    String name();

    /** Names of the files, sorted. */
    List<String> names();

    /**
     * The bytes of a file.
     *
     * @param name one of {@link #names}
     * @throws MalformedFile if it can no longer be read
     */
    byte[] read(String name);
}
