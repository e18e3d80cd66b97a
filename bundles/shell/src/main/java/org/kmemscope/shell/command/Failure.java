package org.kmemscope.shell.command;

/** A command cannot do what was asked. The message is one line: what is wrong and, where it can be told, what would be right. */
public final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean named;

    /**
     * @param message one line, without the name of the command
     */
    public Failure(String message) {
        super(message);
        named = false;
    }

    /**
     * @param message one line
     * @param cause what lies behind it, shown on request only
     */
    public Failure(String message, Throwable cause) {
        super(message, cause);
        named = false;
    }

    private Failure(String message, Throwable cause, boolean named) {
        super(message, cause);
        this.named = named;
    }

    /** The same with the name of the command in front. */
    static Failure of(String command, Throwable cause) {
        return cause instanceof Failure failure && failure.named
                ? failure
                : new Failure(command + ": " + cause.getMessage(), cause, true);
    }

    /** A kernel's words, printed as they are. */
    static Failure verbatim(Throwable cause) {
        return new Failure(cause.getMessage(), cause, true);
    }
}
