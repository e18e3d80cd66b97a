package org.kmemscope.zone;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * What the page allocator logs: requests that failed, requests that make no sense. Text and layout are the kernel's own.
 *
 * <p>The first line of a report has the kernel's level. What follows is KERN_INFO here, so that a console that shows warnings is not
 * flooded; {@code dmesg} has it.
 */
final class Reports implements Stateful {
    private static final int BODY = KernelLog.INFO;
    private static final String CUT_HERE = "------------[ cut here ]------------";
    /** Largest order that is fine with NOFAIL. */
    private static final int NOFAIL_ORDER = 1;

    private final ZonedPageAllocator allocator;
    private final Ground ground;
    private final ExecutionContext context;
    private final ReportStyle style;
    private final RateLimit failures;
    private boolean warnedTooLarge;
    private boolean warnedNoFail;

    Reports(ZonedPageAllocator allocator) {
        this.allocator = allocator;
        ground = allocator.ground;
        context = allocator.context;
        style = allocator.rules.reportStyle();
        failures = new RateLimit(style.reportSeconds(), style.reportBurst());
    }

    ReportStyle style() {
        return style;
    }

    private void warn(String text) {
        ground.log().printk(KernelLog.WARNING, text);
    }

    private void body(String text) {
        ground.log().printk(BODY, text);
    }

    /** {@code warn_alloc_failed()}, {@code warn_alloc()}: a request for pages. */
    void allocationFailure(int gfp, int order) {
        if (style.mask() == ReportStyle.Mask.NAMES) {
            warnAlloc(gfp, "page allocation failure: order:" + order, List.of(allocPages()));
        } else if (allows()) {
            warn(headline(gfp, order));
            boolean colon = style.mask() == ReportStyle.Mask.COLON;
            dumpStack(List.of(colon ? "warn_alloc_failed" : "printk", allocPages()));
            showMem(allocator.highestZone(gfp));
        }
    }

    /** {@code warn_alloc()}. */
    void warnAlloc(int gfp, String what, List<String> functions) {
        if (allows()) {
            warn(String.format(
                            "%s: %s, mode:%#x(%s), nodemask=(null)",
                            context.comm(), what, gfp, ground.gfp().format(gfp))
                    + (style.cpusets() ? ",cpuset=/,mems_allowed=0" : ""));
            List<String> calls = new ArrayList<>(List.of("warn_alloc"));
            calls.addAll(functions);
            dumpStack(calls);
            showMem(allocator.highestZone(gfp));
        }
    }

    /** Whether a report may be written now; tells how many were not. */
    private boolean allows() {
        boolean allowed =
                failures.allows(ground.clock().jiffies(), ground.clock().hz());
        int missed = allowed ? failures.takeMissed() : 0;
        if (missed > 0) {
            warn((style.mask() == ReportStyle.Mask.NAMES ? "warn_alloc: " : "__ratelimit: ") + missed
                    + " callbacks suppressed");
        }
        return allowed;
    }

    private String allocPages() {
        return allocator.rules.allocPagesName();
    }

    private String headline(int gfp, int order) {
        String comm = context.comm();
        return switch (style.mask()) {
            case FULL_STOP -> String.format("%s: page allocation failure. order:%d, mode:0x%x", comm, order, gfp);
            case COLON -> String.format("%s: page allocation failure: order:%d, mode:0x%x", comm, order, gfp);
            case NAMES -> throw new IllegalStateException("warn_alloc() writes it");
        };
    }

    /** {@code WARN_ON_ONCE(order >= MAX_ORDER)}. */
    void tooLarge(int gfp, int order) {
        if ((gfp & allocator.policy.noWarn) == 0 && !warnedTooLarge) {
            warnedTooLarge = true;
            warning("order " + order + " is above the largest, " + (allocator.rules.maxOrder() - 1), allocPages());
        }
    }

    /** {@code WARN_ON_ONCE((gfp_flags & __GFP_NOFAIL) && (order > 1))}. */
    void noFail(int order) {
        if (order > NOFAIL_ORDER && !warnedNoFail && allocator.rules.warnsOfNoFail()) {
            warnedNoFail = true;
            warning("__GFP_NOFAIL with order " + order, "get_page_from_freelist");
        }
    }

    private void warning(String what, String function) {
        warn(CUT_HERE);
        warn(String.format(
                "WARNING: CPU: %d PID: %d at mm/page_alloc.c %s: %s", context.cpu(), context.pid(), function, what));
        dumpStack(List.of(function));
        warn("---[ end trace 0000000000000000 ]---");
    }

    /** {@code dump_stack()}: the model has no addresses of functions, and tells their names alone. */
    void dumpStack(List<String> functions) {
        String[] calls = functions.toArray(new String[functions.size() + 1]);
        calls[functions.size()] = ground.trace().callSites().text(context.callSite());
        String release = ground.profile().kernel().release();
        switch (style.stack()) {
            case I386_OLD -> {
                body(String.format("Pid: %d, comm: %s Not tainted %s", context.pid(), context.comm(), release));
                Arrays.stream(calls).forEach(call -> body(" " + call));
                body(" =======================");
            }
            case I386 -> {
                body(String.format("Pid: %d, comm: %s Not tainted %s", context.pid(), context.comm(), release));
                body("Call Trace:");
                Arrays.stream(calls).forEach(call -> body(" " + call));
            }
            case I386_MODERN -> {
                who(release);
                body("Call Trace:");
                Arrays.stream(calls).forEach(call -> body(" " + call));
            }
            case ARM_OLD -> {
                for (int i = 0; i + 1 < calls.length; i++) {
                    body("(" + calls[i] + ") from (" + calls[i + 1] + ")");
                }
            }
            case ARM_MODERN -> {
                who(release);
                for (int i = 0; i + 1 < calls.length; i++) {
                    body(" " + calls[i] + " from " + calls[i + 1]);
                }
            }
            default -> throw new IllegalStateException("no such layout: " + style.stack());
        }
    }

    private void who(String release) {
        body(String.format(
                "CPU: %d PID: %d Comm: %s Not tainted %s", context.cpu(), context.pid(), context.comm(), release));
        body("Hardware name: " + ground.profile().name());
    }

    void showMem(int highestZone) {
        new MemInfo(allocator, style).lines(highestZone).forEach(this::body);
    }

    @Override
    public void save(StateWriter out) {
        out.putBoolean(warnedTooLarge);
        out.putBoolean(warnedNoFail);
        failures.save(out);
    }

    @Override
    public void restore(StateReader in) {
        warnedTooLarge = in.getBoolean();
        warnedNoFail = in.getBoolean();
        failures.restore(in);
    }
}
