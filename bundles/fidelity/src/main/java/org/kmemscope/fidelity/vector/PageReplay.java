package org.kmemscope.fidelity.vector;

import org.kmemscope.api.error.KernelException;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.page.PageAllocator;
import org.kmemscope.api.phys.PageFrames;

/**
 * Makes the operations of a page vector on a machine in its start state. Blocks are freed as the kernel freed them, so it can only go on
 * while every answer has been the kernel's.
 */
final class PageReplay {
    private final Machine machine;
    private final PageOperations operations;
    private int next;
    private Answer answer = new Answer(PageOperations.NONE, PageOperations.NONE, "");

    /**
     * What the model did.
     *
     * @param pfn the page
     * @param zone its zone
     * @param words what the model said in place of an answer; empty if there is one
     */
    record Answer(int pfn, int zone, String words) {
        @Override
        public String toString() {
            return words.isEmpty() ? text(pfn, zone) : words;
        }

        static String text(int pfn, int zone) {
            return pfn == PageOperations.NONE ? "no page" : String.format("pfn %x in zone %d", pfn, zone);
        }
    }

    PageReplay(Machine machine, PageOperations operations) {
        this.machine = machine;
        this.operations = operations;
    }

    /** Index of the operation that comes next, or that was answered otherwise. */
    int next() {
        return next;
    }

    /** The last answer that was not the kernel's. */
    Answer answer() {
        return answer;
    }

    /**
     * Runs until before an operation.
     *
     * @return false if one was answered otherwise: {@link #next} and {@link #answer} tell
     */
    boolean runTo(int end) {
        return machine.locked(() -> {
            try {
                return run(end);
            } catch (KernelException e) {
                return failed(e.getMessage());
            } catch (RuntimeException e) {
                // a model that cannot answer has another answer
                return failed("failed with " + e);
            }
        });
    }

    private boolean failed(String words) {
        answer = new Answer(PageOperations.NONE, PageOperations.NONE, words);
        return false;
    }

    private boolean run(int end) {
        PageAllocator pages = machine.pages();
        PageFrames frames = machine.frames();
        while (next < end) {
            if (operations.isFree(next)) {
                pages.freePages(operations.pfn(next), operations.order(next));
            } else {
                int pfn = pages.allocPages(operations.gfp(next), operations.order(next));
                int zone = pfn == PageAllocator.NONE ? PageOperations.NONE : frames.zone(pfn);
                if (pfn != operations.pfn(next) || zone != operations.zone(next)) {
                    answer = new Answer(pfn, zone, "");
                    return false;
                }
            }
            next++;
        }
        return true;
    }
}
