package org.kmemscope.shell;

/** Exit statuses of the console. */
final class Status {
    /** All went well. */
    static final int OK = 0;
    /** A command failed. */
    static final int FAILED = 1;
    /** The console was called wrongly, or a script does not parse. */
    static final int USAGE = 2;
    /** Nobody reads what is printed any more; what the shell reports of programs that SIGPIPE ends. */
    static final int UNREAD = 141;
    /** Our own mistake ({@code EX_SOFTWARE}). */
    static final int INTERNAL = 70;

    private Status() {}
}
