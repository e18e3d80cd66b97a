package org.kmemscope.machine.exchange;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.kmemscope.api.error.KernelException;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.machine.Exchange.Part;
import org.kmemscope.api.machine.ExchangeReport;
import org.kmemscope.api.slab.ObjectAllocatorProvider;
import org.kmemscope.api.slab.SlabHandover;

/**
 * The protocol of an exchange of object allocators. The machine's lock is held, no call is in flight, and nobody else runs until it
 * opens.
 *
 * <ol>
 *   <li>The state of the machine is noted.
 *   <li>The allocator leaves; what it hands over is checked, object by object and page by page, and kept by the machine. If anything
 *       is wrong with it, the machine goes back to where it was, and the allocator stays.
 *   <li>A successor is made, with the caches under their handles. If it refuses or fails, the machine goes back: to where it was before
 *       the first step if the old allocator can stay, else to where it was before this one, and the next successor is asked.
 *   <li>With none left the caches stay parked, as the objects are.
 *   <li>Everything is verified.
 * </ol>
 *
 * <p>What listeners of tracepoints have heard meanwhile is not taken back: they hear of pages that a failed successor took, and not that
 * it did not keep them. The log is kept too.
 */
public final class ObjectExchange {
    private final ExchangeSite site;
    private final ExchangeableObjects objects;
    private Optional<ObjectAllocatorProvider> successor = Optional.empty();

    /** An exchange that is about to happen. */
    public ObjectExchange(ExchangeSite site, ExchangeableObjects objects) {
        this.site = site;
        this.objects = objects;
    }

    /**
     * Exchanges.
     *
     * @param candidates who may take over, best first
     * @param mayStay whether the allocator that is bound stays if none of them can
     * @param drained calls that had to end first
     */
    public ExchangeReport run(List<ObjectAllocatorProvider> candidates, boolean mayStay, int drained) {
        String from = objects.name();
        ExchangeableObjects.Tenant before = objects.tenant();
        Runnable back = site.checkpoint();
        SlabHandover left;
        try {
            left = objects.release();
        } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError e) {
            before.clock().end();
            objects.rebind(before);
            back.run();
            return report(from, drained, Map.of(), from + " cannot leave: " + reason(e));
        }
        Map<String, Long> taken = count(left);
        String refusal = "";
        for (ObjectAllocatorProvider candidate : candidates) {
            Runnable parked = mayStay ? back : site.checkpoint();
            try {
                objects.bind(objects.create(candidate, left));
                successor = Optional.of(candidate);
                return report(from, drained, taken, refusal);
            } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError e) {
                refusal = refused(candidate.name(), e);
                site.log().printk(KernelLog.ERR, "kmemscope: " + refusal);
                if (mayStay) {
                    objects.rebind(before);
                    back.run();
                    return report(from, drained, Map.of(), refusal);
                }
                parked.run();
            }
        }
        return report(from, drained, taken, refusal);
    }

    /** Who has taken over, if anybody has. */
    public Optional<ObjectAllocatorProvider> successor() {
        return successor;
    }

    private Map<String, Long> count(SlabHandover left) {
        Map<String, Long> taken = new LinkedHashMap<>();
        taken.put("caches", (long) left.caches().size());
        taken.put("slabs", (long) left.blocks().size());
        taken.put("objects", left.liveObjects());
        taken.put(
                "pages",
                left.blocks().stream().mapToLong(block -> 1L << block.order()).sum());
        taken.put("foreign slabs", objects.foreign()[0]);
        taken.put("foreign objects", objects.foreign()[1]);
        return taken;
    }

    private ExchangeReport report(String from, int drained, Map<String, Long> taken, String refusal) {
        return new ExchangeReport(Part.OBJECT, from, objects.name(), drained, taken, refusal, site.verify());
    }

    /** What is said of a successor that failed. */
    public static String refused(String name, Throwable thrown) {
        return name + " cannot take over: " + reason(thrown);
    }

    /** One line for a failure: the kernel's or the allocator's words, or what kind of failure it is. */
    private static String reason(Throwable thrown) {
        boolean told = thrown.getMessage() != null
                && (thrown instanceof KernelException
                        || thrown instanceof IllegalStateException
                        || thrown instanceof IllegalArgumentException);
        String text = told ? thrown.getMessage() : thrown.toString();
        return text.lines().findFirst().orElse(text);
    }
}
