package org.kmemscope.shell.command;

/**
 * Where statements come from.
 *
 * @param name in messages, and as the call site of kernel calls
 * @param firstLine number of the first line
 * @param interactive whether a person typed it just now: messages need no place, and assignments are shown
 */
public record Source(String name, int firstLine, boolean interactive) {
    /** Session variable: the source of what runs. */
    public static final String VARIABLE = "kmem.source";

    /** A file or its like. */
    public static Source file(String name) {
        return new Source(name, 1, false);
    }

    /** The place of a line.
     *
     * @param line from 0
     */
    public String place(int line) {
        return name + ":" + (firstLine + line);
    }
}
