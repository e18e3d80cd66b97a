package org.kmemscope.shell;

/** Exit statuses of the console. */
final class Status {
    /** All went well. */
    static final int OK = 0;
    /** A command failed. */
    static final int FAILED = 1;
    /** The console was called wrongly, or a script does not parse. */
    static final int USAGE = 2;
    /** Our own mistake ({@code EX_SOFTWARE}). */
    static final int INTERNAL = 70;

    private Status() {}
}
