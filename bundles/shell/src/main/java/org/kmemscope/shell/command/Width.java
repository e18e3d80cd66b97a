package org.kmemscope.shell.command;

import picocli.CommandLine.Option;

/** How wide the numbers are that {@code rd} and {@code wr} handle; or a string. */
final class Width {
    @Option(names = "-8", description = "Bytes.")
    private boolean w8;

    @Option(names = "-16", description = "Numbers of 16 bits.")
    private boolean w16;

    @Option(names = "-32", description = "Numbers of 32 bits; if nothing is said.")
    private boolean w32;

    @Option(names = "-64", description = "Numbers of 64 bits.")
    private boolean w64;

    @Option(names = "-s", description = "A NUL-terminated string.")
    boolean string;

    int bytes() {
        return w8 ? Byte.BYTES : w16 ? Short.BYTES : w64 ? Long.BYTES : Integer.BYTES;
    }
}
