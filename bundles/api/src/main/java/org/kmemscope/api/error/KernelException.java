package org.kmemscope.api.error;

/**
 * The kernel cannot go on with this call. The message is one line, in the kernel's own words where it has some; the full report
 * (registers have no meaning here, so: place, history) is in the machine's log.
 */
public abstract sealed class KernelException extends RuntimeException
        permits BusError, KernelBug, KernelOops, KernelHang, MissingPart, MachineHalted, TaskKilled {
    private static final long serialVersionUID = 1L;

    private boolean reported;

    KernelException(String message) {
        super(message);
    }

    KernelException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Notes that the report is in the machine's log; true for the first who does. */
    public boolean markReported() {
        boolean first = !reported;
        reported = true;
        return first;
    }
}
