package org.kmemscope.shell.command;

/**
 * What a command answers when it has made something: a value that can be kept in a variable and given to another command. {@link
 * Object#toString} is how it is written as an argument.
 */
public interface Handle {
    /** How it is shown to a person. */
    default String display() {
        return toString();
    }
}
