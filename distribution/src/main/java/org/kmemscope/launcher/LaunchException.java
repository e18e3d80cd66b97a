package org.kmemscope.launcher;

/** kmemscope cannot be started. The message is one line. */
final class LaunchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    LaunchException(int status, String message) {
        super(message);
        this.status = status;
    }

    LaunchException(int status, String message, Throwable cause) {
        super(message, cause);
        this.status = status;
    }

    int status() {
        return status;
    }
}
