package org.kmemscope.machine;

import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.kernel.KernelModule;
import org.kmemscope.api.machine.Caller;

/** A module as a caller: its task, and the line of its code that makes the call, found on the stack. */
final class ModuleCaller implements Caller {
    private static final StackWalker STACK = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);
    private static final int INSMOD_PID = 2;

    private final Tasks tasks;
    private final String module;
    private final String packagePrefix;
    private String comm;

    ModuleCaller(Tasks tasks, KernelModule module, String comm) {
        this.tasks = tasks;
        this.module = module.name();
        this.packagePrefix = module.getClass().getPackageName();
        this.comm = comm;
    }

    void setComm(String newComm) {
        comm = newComm;
    }

    @Override
    public int pid() {
        int thread = tasks.pidOf(Thread.currentThread());
        return thread == 0 ? INSMOD_PID : thread;
    }

    @Override
    public String comm() {
        return comm;
    }

    /** {@code Class.method:line [module]} of the innermost frame in the module's own packages. */
    @Override
    public String site() {
        return STACK.walk(frames -> frames.filter(frame -> isModule(frame.getDeclaringClass()))
                .findFirst()
                .map(frame -> {
                    String type = frame.getClassName();
                    return type.substring(type.lastIndexOf('.') + 1) + "." + frame.getMethodName() + ":"
                            + frame.getLineNumber() + " [" + module + "]";
                })
                .orElse("[" + module + "]"));
    }

    private boolean isModule(Class<?> type) {
        return type.getName().startsWith(packagePrefix + ".")
                && !Kernel.class.isAssignableFrom(type)
                && !Caller.class.isAssignableFrom(type);
    }
}
