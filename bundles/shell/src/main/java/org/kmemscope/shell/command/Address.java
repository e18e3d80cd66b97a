package org.kmemscope.shell.command;

/**
 * A 32-bit address, virtual or on a bus.
 *
 * @param value the address
 */
record Address(long value) implements Handle {
    @Override
    public String toString() {
        return String.format("0x%08x", value);
    }
}
