package org.kmemscope.api.error;

/** A part of the machine that is exchanged while it runs, such as the object allocator, is not there at the moment. */
public final class MissingPart extends KernelException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message which part is missing, what is parked, and what would bring it back
     */
    public MissingPart(String message) {
        super(message);
    }
}
