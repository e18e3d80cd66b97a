package org.kmemscope.shell.command;

import java.io.PrintStream;
import java.util.function.Supplier;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.view.Views;

/** One use of a command: where it prints, and on whose behalf it calls the kernel. */
final class Call {
    private static final int PID = 1;
    private static final String COMM = "kmemscope";

    private final Desk desk;
    private final String place;
    private final int logLevel;
    private final PrintStream out;
    private final PrintStream err;
    private boolean greeted;

    /**
     * @param place where the command stands, such as {@code demo.gosh:12}: the call site of its kernel calls
     * @param verbose whether the kernel's ordinary messages are of interest; warnings always are
     */
    Call(Desk desk, String place, boolean verbose, PrintStream out, PrintStream err) {
        this.desk = desk;
        this.place = place;
        this.logLevel = verbose ? KernelLog.INFO : KernelLog.WARNING;
        this.out = out;
        this.err = err;
    }

    Desk desk() {
        return desk;
    }

    /**
     * The current machine. What a machine that was booted just now has to say comes before what the command prints.
     *
     * @throws Failure if a capture is open instead: it can be looked at, and nothing runs in it
     */
    Machine machine() {
        desk.machines().opened().ifPresent(name -> {
            throw new Failure(
                    "nothing runs in " + name
                            + ", which is open; 'boot --from CAPTURE' makes a machine of a capture, 'machine NAME' goes back to one");
        });
        Machine machine = desk.machine();
        greet();
        return machine;
    }

    /** What is looked at: the current machine, or a capture that was opened. */
    Views views() {
        Views views = desk.machines().target().orElseGet(() -> desk.machine().views());
        greet();
        return views;
    }

    private void greet() {
        if (!greeted) {
            greeted = true;
            tellNews("");
        }
    }

    Kernel kernel() {
        return machine().kernel(caller());
    }

    /** Runs something as a call into the kernel from here. */
    <T> T kernelCall(String name, Supplier<T> action) {
        return machine().call(caller(), name, action);
    }

    private Caller caller() {
        return Caller.of(PID, COMM, place);
    }

    Arguments arguments() {
        return new Arguments(desk.machine());
    }

    /** Prints text as it is. */
    void print(String text) {
        out.print(text);
        out.flush();
    }

    /** Prints a line. */
    void line(String format, Object... values) {
        print((values.length == 0 ? format : String.format(format, values)) + "\n");
    }

    /** Prints a line for the person, beside the output. */
    void note(String text) {
        tellNews("");
        tell(text);
    }

    private void tell(String text) {
        out.flush();
        err.print(text + "\n");
        err.flush();
    }

    /** What the kernels have logged meanwhile, without a line that is reported as the failure anyway. */
    void tellNews(String reported) {
        for (String line : desk.news(logLevel)) {
            if (reported.isEmpty() || !line.endsWith("] " + reported)) {
                tell(line);
            }
        }
    }

    /** Ends a long command when the person wants it. */
    void checkInterrupt() {
        if (Thread.currentThread().isInterrupted()) {
            throw new Failure("interrupted");
        }
    }
}
