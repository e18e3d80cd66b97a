package org.kmemscope.api.kernel;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * A driver. A bundle registers one as a service: starting the bundle runs {@link #init} on the current machine, stopping it runs
 * {@link #exit}. What the module still holds after that is reported as a leak.
 *
 * <pre>{@code
 * @Component
 * public final class Hello implements KernelModule {
 *     private long buffer;
 *
 *     public String name() { return "hello"; }
 *
 *     public int init(Kernel kernel) {
 *         buffer = kernel.kmalloc(100, GFP_KERNEL);
 *         return buffer == 0 ? -ENOMEM : 0;
 *     }
 *
 *     public void exit(Kernel kernel) {
 *         kernel.kfree(buffer);
 *     }
 * }
 * }</pre>
 */
@ConsumerType
public interface KernelModule {
    /** {@code EIO}. */
    int EIO = 5;

    /** {@code ENOMEM}. */
    int ENOMEM = 12;

    /** {@code ENODEV}. */
    int ENODEV = 19;

    /** {@code EINVAL}. */
    int EINVAL = 22;

    /** The name that {@code lsmod} shows: letters, digits and underscores. */
    String name();

    /**
     * {@code module_init}: runs in process context of the task {@code insmod}.
     *
     * @return 0, or a negative errno: the module is not loaded then
     */
    int init(Kernel kernel);

    /** {@code module_exit}: runs in process context of the task {@code rmmod}. */
    void exit(Kernel kernel);
}
