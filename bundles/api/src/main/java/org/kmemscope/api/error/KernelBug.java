package org.kmemscope.api.error;

/** {@code BUG()}: a rule of the kernel was broken, and Linux would have killed the task that broke it. */
public final class KernelBug extends KernelException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the first line of the report, such as {@code kernel BUG at mm/vmalloc.c: vmalloc in interrupt}
     */
    public KernelBug(String message) {
        super(message);
    }
}
