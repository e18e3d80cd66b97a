package org.kmemscope.shell.command;

import java.util.List;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code wr}: writes memory. */
@Command(
        name = "wr",
        description = "Writes memory.",
        footerHeading = "%nExample:%n",
        footer = {"  wr 0xc1234000 0xdeadbeef 1 2", "  wr -s -p 0x50003000 'hello, driver'", "  wr -u $pid -s $a hello"
        })
final class WriteMemory extends KmemCommand {
    @ArgGroup
    private Width width = new Width();

    @Option(names = "-p", description = "The address is physical.")
    private boolean physical;

    @Option(
            names = "-u",
            paramLabel = "PID",
            description = "The address is one of this process; pages that are not there come in.",
            completionCandidates = Candidates.Pids.class)
    private Integer user;

    @Parameters(
            index = "0",
            paramLabel = "ADDRESS",
            description = "Where to write.",
            completionCandidates = Live.Anything.class)
    private String address;

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "VALUE",
            description = "Numbers, decimal or hex with 0x, side by side; with -s a string, its NUL is added.")
    private List<String> values;

    @Override
    Object run(Call call) {
        Width form = width == null ? new Width() : width;
        if (user != null && physical) {
            throw new Failure("-p and -u exclude each other");
        }
        Memory memory = user == null ? Memory.of(call, physical) : Memory.ofProcess(call, user);
        long at = user == null ? Memory.address(call, physical, address) : Arguments.number(address, "address");
        if (form.string) {
            memory.write(at, Memory.terminated(String.join(" ", values)));
            return NOTHING;
        }
        int size = form.bytes();
        List<Long> numbers = values.stream().map(value -> fitting(value, size)).toList();
        for (long number : numbers) {
            memory.write(at, size, number);
            at += size;
        }
        return NOTHING;
    }

    private static long fitting(String text, int size) {
        long number = size == Long.BYTES && text.startsWith("0x")
                ? Long.parseUnsignedLong(text.substring(2), 16)
                : Arguments.number(text, "number");
        int bits = size * Byte.SIZE;
        if (bits < Long.SIZE && (number >= 1L << bits || number < -(1L << bits - 1))) {
            throw new Failure(text + " does not fit into " + bits + " bits");
        }
        return number;
    }
}
