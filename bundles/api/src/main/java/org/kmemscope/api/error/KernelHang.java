package org.kmemscope.api.error;

/** Every task sleeps and nothing is left that could wake one: the report names each task and what it waits for. */
public final class KernelHang extends KernelException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message who waits for what
     */
    public KernelHang(String message) {
        super(message);
    }
}
