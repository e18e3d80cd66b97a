package org.kmemscope.shell.command;

import java.io.IOException;

/** Standard output does not take what is printed: its reader has gone, or the disk is full. Nothing that follows can matter. */
public final class OutputLost extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final String NO_READER = "Broken pipe";

    /**
     * @param cause what the system says
     */
    public OutputLost(IOException cause) {
        super("standard output: " + cause.getMessage(), cause);
    }

    /** Whether the reader has gone, which is its own affair: {@code kmemscope ... | head}. */
    public boolean unread() {
        return String.valueOf(getCause().getMessage()).contains(NO_READER);
    }
}
