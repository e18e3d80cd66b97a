package org.kmemscope.shell.command;

/** Somebody wants to leave: ends the script or the prompt, as a success. */
public final class Leave extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Leave() {
        super("leave", null, false, false);
    }
}
