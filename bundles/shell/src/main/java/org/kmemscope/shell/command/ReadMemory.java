package org.kmemscope.shell.command;

import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rd}: reads memory, in the layout of the crash utility. */
@Command(
        name = "rd",
        description = "Reads memory.",
        footerHeading = "%nExample:%n",
        footer = {"  rd 0xc0100000 16", "  rd -s -p 0x50003000", "  rd -u $pid $a 4"})
final class ReadMemory extends KmemCommand {
    private static final int LINE = 16;
    private static final int MAX_STRING = 4096;

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
            description = "Where to read.",
            completionCandidates = Live.Anything.class)
    private String address;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "COUNT",
            description = "How many numbers; the most bytes of a string.")
    private String count;

    @Override
    Object run(Call call) {
        Width form = width == null ? new Width() : width;
        if (user != null && physical) {
            throw new Failure("-p and -u exclude each other");
        }
        Memory memory = user == null ? Memory.of(call, physical) : Memory.ofProcess(call, user);
        long start = user == null ? Memory.address(call, physical, address) : Arguments.number(address, "address");
        if (form.string) {
            int max = count == null ? MAX_STRING : (int) Arguments.number(count, "count");
            call.line("%08x:  \"%s\"", start, memory.string(start, max));
            return NOTHING;
        }
        dump(call, memory, start, form.bytes(), count == null ? 1 : Arguments.number(count, "count"));
        return NOTHING;
    }

    /** Lines of sixteen bytes, each as soon as it is read. What was read before a fault is printed. */
    private static void dump(Call call, Memory memory, long start, int size, long count) {
        if (count < 1) {
            throw new Failure("count " + count + ": at least 1");
        }
        int perLine = LINE / size;
        long[] values = new long[perLine];
        for (long done = 0; done < count; done += perLine) {
            call.checkInterrupt();
            int read = 0;
            try {
                while (read < perLine && done + read < count) {
                    values[read] = memory.read(start + (done + read) * size, size);
                    read++;
                }
            } finally {
                if (read > 0) {
                    call.line("%s", line(start + done * size, size, values, read));
                }
            }
        }
    }

    /** Numbers, then the bytes as ASCII. */
    private static String line(long address, int size, long[] values, int count) {
        StringBuilder text = new StringBuilder(String.format("%08x: ", address));
        StringBuilder ascii = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(' ').append(String.format("%0" + 2 * size + "x", values[i]));
            for (int b = 0; b < size; b++) {
                char c = (char) (values[i] >>> Byte.SIZE * b & 0xff);
                ascii.append(c >= ' ' && c <= '~' ? c : '.');
            }
        }
        text.append(" ".repeat((values.length - count) * (1 + 2 * size)));
        return text.append("   ").append(ascii).toString();
    }
}
