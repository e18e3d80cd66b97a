package org.kmemscope.machine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.kmemscope.api.error.KernelHang;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.highmem.Sleeper;
import org.kmemscope.machine.exchange.CallsInFlight;

/**
 * The machine's lock and the tasks that sleep in the kernel. A task that sleeps opens the lock; when it is the last one that could
 * run, nobody is left to wake it, and it is told so instead.
 *
 * <p>Tasks that can run are those inside a kernel call and the kernel threads that live. The console counts as one while it is in a
 * call, not while a person thinks: a machine in which only the person could go on is a hang.
 */
final class Tasks implements Sleeper {
    private static final int FIRST_PID = 100;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition wake = lock.newCondition();
    private final MachineContext context;
    private final KernelLog log;
    private final Map<Integer, Sleeping> sleeping = new LinkedHashMap<>();
    private final Map<Integer, Thread> threads = new LinkedHashMap<>();
    private int nextPid = FIRST_PID;
    private int inKernel;
    /** Calls inside of the object allocator: those of tasks that sleep are told apart. */
    final CallsInFlight calls = new CallsInFlight();

    private static final class Sleeping {
        final String comm;
        final String queue;
        final String why;
        boolean woken;

        Sleeping(String comm, String queue, String why) {
            this.comm = comm;
            this.queue = queue;
            this.why = why;
        }
    }

    Tasks(MachineContext context, KernelLog log) {
        this.context = context;
        this.log = log;
    }

    /** Takes the lock; true for the outermost call of this thread. */
    boolean enter() {
        lock.lock();
        if (lock.getHoldCount() == 1) {
            inKernel++;
            return true;
        }
        return false;
    }

    /** Whether the next {@link #exit} leaves the kernel. */
    boolean outermost() {
        return lock.getHoldCount() == 1;
    }

    void exit() {
        if (lock.getHoldCount() == 1) {
            inKernel--;
        }
        lock.unlock();
    }

    boolean anySleeping() {
        return !sleeping.isEmpty();
    }

    boolean anyThread() {
        return !threads.isEmpty();
    }

    @Override
    public void sleepOn(String queue, String why) {
        int pid = context.pid();
        Sleeping me = new Sleeping(context.comm(), queue, why);
        sleeping.put(pid, me);
        MachineContext.Saved saved = context.suspend();
        int inside = calls.sleep();
        inKernel--;
        try {
            while (!me.woken) {
                if (!othersCanRun()) {
                    throw hang();
                }
                wake.awaitUninterruptibly();
            }
        } finally {
            sleeping.remove(pid);
            context.resume(saved);
            calls.wake(inside);
            inKernel++;
            if (inside > 0) {
                wake.signalAll();
            }
        }
    }

    /** Opens the lock until no task sleeps inside of the object allocator; how many did. */
    int drain() {
        int asleep = calls.asleep();
        inKernel--;
        try {
            while (calls.asleep() > 0) {
                if (!othersCanRun()) {
                    throw new IllegalStateException(calls.asleep()
                            + " calls sleep inside of the object allocator, and nothing is left that could wake them");
                }
                wake.awaitUninterruptibly();
            }
        } finally {
            inKernel++;
        }
        return asleep;
    }

    /** Whether another thread is in the kernel at this moment; for those who are about to wait for it. */
    boolean othersInKernel() {
        return lock.isLocked() && !lock.isHeldByCurrentThread();
    }

    private boolean othersCanRun() {
        // a task that was woken waits for nothing but the lock
        return inKernel > 0
                || sleeping.values().stream().anyMatch(task -> task.woken)
                || threads.keySet().stream().anyMatch(pid -> !sleeping.containsKey(pid));
    }

    private KernelHang hang() {
        List<String> lines = sleeping.entrySet().stream()
                .map(entry -> entry.getValue().comm + " (pid " + entry.getKey() + ") waits on " + entry.getValue().queue
                        + ": " + entry.getValue().why)
                .collect(Collectors.toCollection(ArrayList::new));
        lines.forEach(line -> log.printk(KernelLog.ERR, "INFO: task " + line));
        return new KernelHang("every task sleeps and none is left to wake another: " + String.join("; ", lines));
    }

    @Override
    public void wakeUp(String queue) {
        for (Sleeping task : sleeping.values()) {
            if (task.queue.equals(queue)) {
                task.woken = true;
            }
        }
        wake.signalAll();
    }

    /** A process id that no task has had. */
    int newPid() {
        return nextPid++;
    }

    /** Whether a task is a kernel thread. */
    boolean isThread(int pid) {
        return threads.containsKey(pid);
    }

    /** Starts a kernel thread; the lock is held. */
    int start(String name, Runnable body) {
        int pid = nextPid++;
        Thread thread = new Thread(
                () -> {
                    try {
                        body.run();
                    } finally {
                        ended(pid);
                    }
                },
                "kthread " + name);
        thread.setDaemon(true);
        threads.put(pid, thread);
        thread.start();
        return pid;
    }

    private void ended(int pid) {
        lock.lock();
        try {
            threads.remove(pid);
            wakeUp("kthread " + pid);
            // those who sleep must look again whether anybody is left
            wake.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until a kernel thread has ended. */
    void join(int pid) {
        while (threads.containsKey(pid)) {
            sleepOn("kthread " + pid, "kernel thread " + pid + " has not ended");
        }
    }

    int pidOf(Thread thread) {
        return threads.entrySet().stream()
                .filter(entry -> entry.getValue() == thread)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(0);
    }
}
