package org.kmemscope.api.error;

/** A part of the machine failed in a way that is not the simulated kernel's: the machine stands still and can be inspected. */
public final class MachineHalted extends KernelException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message which part failed, in which call
     * @param cause the failure itself
     */
    public MachineHalted(String message, Throwable cause) {
        super(message, cause);
    }
}
