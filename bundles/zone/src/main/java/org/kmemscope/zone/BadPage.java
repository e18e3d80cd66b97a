package org.kmemscope.zone;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;

/**
 * Reports a page whose state forbids what is done to it ({@code bad_page()}, {@code dump_page()}), in the words and the layout of the
 * machine's kernel. Where a {@code struct page} lies is not known here: its address is printed as a kernel prints one it hides.
 */
final class BadPage {
    private static final String ADDRESS = "(ptrval)";
    /** {@code LIST_POISON1}, {@code LIST_POISON2}: the links of a page on no list. */
    private static final int POISON_NEXT = 0x100;

    /** Owners of pages have small numbers here; what is larger is no owner but a pointer that somebody has written. */
    private static final int STRAY_POINTER = 0x10000;

    private static final int POISON_PREV = 0x122;
    /** Where 32-bit kernels keep the zone in the flags. */
    private static final int ZONE_SHIFT = 30;

    private static final int WORDS_PER_LINE = 8;
    /** What the flags mean that are a kernel's own; the rest is this model's. */
    private static final int MODEL_FLAGS = PageFlag.HOLE.bit()
            | PageFlag.TABLE.bit()
            | PageFlag.PCP.bit()
            | PageFlag.BUDDY.bit()
            | PageFlag.RECLAIMABLE.bit()
            | PageFlag.TAIL.bit();

    private final Ground ground;
    private final PageFrames frames;
    private final Reports reports;

    BadPage(ZonedPageAllocator allocator, Reports reports) {
        ground = allocator.ground;
        frames = allocator.frames;
        this.reports = reports;
    }

    /**
     * Logs the report.
     *
     * @param count references as they would be now
     * @param reason in the kernel's words
     * @param meaning the same for people
     * @return to be thrown: the page stays as it was
     */
    KernelBug report(int pfn, int count, String reason, String meaning) {
        String comm = ground.context().comm();
        String first = String.format("BUG: Bad page state in process %s  pfn:%05x", comm, pfn);
        int mapCount = frames.mapCount(pfn);
        int mapping = frames.mapping(pfn);
        int flags = frames.flags(pfn) & ~MODEL_FLAGS;
        switch (reports.style().badPage()) {
            case FIX_UP -> {
                first = "Bad page state in process '" + comm + "'";
                err(first);
                err(
                        "page:%s flags:0x%08x mapping:%08x mapcount:%d count:%d",
                        ADDRESS, flagWord(pfn), mapping, mapCount, count);
                err("Trying to fix it up, but a reboot is needed");
                err("Backtrace:");
            }
            case ONE_LINE -> {
                err(first);
                err(
                        "page:%s flags:%08x count:%d mapcount:%d mapping:%08x index:%x",
                        ADDRESS, flagWord(pfn), count, mapCount, mapping, frames.index(pfn));
            }
            case TWO_LINES -> {
                err(first);
                err(
                        "page:%s count:%d mapcount:%d mapping:%08x index:%#x",
                        ADDRESS, count, mapCount, mapping, frames.index(pfn));
                err("page flags: %#x(%s)", flagWord(pfn), names(flags));
            }
            case REASON -> {
                err(first);
                err(
                        "page:%s refcount:%d mapcount:%d mapping:%08x index:%#x pfn:%#x",
                        ADDRESS, count, mapCount, mapping, frames.index(pfn), pfn);
                if (Integer.compareUnsigned(mapping, STRAY_POINTER) >= 0) {
                    err("invalid mapping:%08x", mapping);
                }
                String named = names(flags);
                err("flags: %#x(%szone=%d)", flagWord(pfn), named.isEmpty() ? "" : named + "|", frames.zone(pfn));
                raw(pfn, count);
                err("page dumped because: " + reason);
            }
            default ->
                throw new IllegalStateException(
                        "no such layout: " + reports.style().badPage());
        }
        reports.dumpStack(List.of("bad_page", "__free_pages"));
        KernelBug bug = new KernelBug(first + ": " + meaning);
        bug.markReported();
        return bug;
    }

    private void err(String format, Object... values) {
        ground.log().printk(KernelLog.ERR, String.format(Locale.ROOT, format, values));
    }

    private static String names(int flags) {
        return PageFlag.of(flags).stream().map(PageFlag::label).collect(Collectors.joining("|"));
    }

    /** Zone and flags as one word; the places of the flags are this model's. */
    private int flagWord(int pfn) {
        return Math.max(0, frames.zone(pfn)) << ZONE_SHIFT | frames.flags(pfn) & ~MODEL_FLAGS;
    }

    /** The words of the structure: flags, links, mapping, index, private, mapcount, references, and what else there is. */
    private void raw(int pfn, int count) {
        int[] known = {
            flagWord(pfn),
            POISON_NEXT,
            POISON_PREV,
            frames.mapping(pfn),
            frames.index(pfn),
            frames.privateData(pfn),
            frames.mapCount(pfn) - 1,
            count
        };
        int words = ground.profile().kernel().structPageSize() / Integer.BYTES;
        StringBuilder line = new StringBuilder("raw:");
        for (int word = 0; word < words; word++) {
            if (word > 0 && word % WORDS_PER_LINE == 0) {
                err(line.toString());
                line = new StringBuilder("raw:");
            }
            line.append(String.format(" %08x", word < known.length ? known[word] : 0));
        }
        err(line.toString());
    }
}
