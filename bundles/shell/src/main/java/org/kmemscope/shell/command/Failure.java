package org.kmemscope.shell.command;

/** A command cannot do what was asked. The message is one line: what is wrong and, where it can be told, what would be right. */
public final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int UNKNOWN = -1;

    private final boolean complete;
    private final int line;

    /**
     * @param message one line, without the name of the command
     */
    public Failure(String message) {
        this(message, null);
    }

    /**
     * @param message one line, without the name of the command
     * @param cause what lies behind it, shown on request only
     */
    public Failure(String message, Throwable cause) {
        this(message, cause, false, UNKNOWN);
    }

    private Failure(String message, Throwable cause, boolean complete, int line) {
        super(message, cause);
        this.complete = complete;
        this.line = line;
    }

    /** The message alone: scripts see it as {@code $exception}. */
    @Override
    public String toString() {
        return getMessage();
    }

    /** The same with the name of the command in front, unless one stands there. */
    static Failure of(String command, Throwable cause) {
        return cause instanceof Failure failure && failure.complete
                ? failure
                : new Failure(command + ": " + cause.getMessage(), cause, true, UNKNOWN);
    }

    /** A kernel's words, printed as they are. */
    static Failure verbatim(Throwable cause) {
        return new Failure(cause.getMessage(), cause, true, UNKNOWN);
    }

    /** The same with the line of the text that was run. */
    Failure at(int lineOfText) {
        return line == UNKNOWN ? new Failure(getMessage(), getCause(), complete, lineOfText) : this;
    }

    /** The line of the text that was run, from 0; the given one if it is not known. */
    public int line(int otherwise) {
        return line == UNKNOWN ? otherwise : line;
    }
}
