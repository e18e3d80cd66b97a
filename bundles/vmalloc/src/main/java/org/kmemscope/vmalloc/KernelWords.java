package org.kmemscope.vmalloc;

import java.util.List;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.ArchSpec;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.page.PageFloor;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * What the vmalloc area writes into the kernel's log. The reports of a real kernel go on with registers, stack and a memory map; their
 * first lines are given here. They are not rate limited: every failure can be seen.
 */
final class KernelWords implements Stateful {
    private final PageFloor ground;
    private final KernelLog log;
    private final Speech speech;
    private final int noWarn;
    private boolean zeroSizeTold;
    private boolean ramTold;

    KernelWords(PageFloor ground, Speech speech) {
        this.ground = ground;
        this.speech = speech;
        log = ground.log();
        noWarn = ground.gfp().orZero(Gfp.__GFP_NOWARN);
    }

    // ---- failures

    /** The address space is full. */
    void noRoom(long size, int gfp) {
        if (!speech.modern() || (gfp & noWarn) == 0) {
            log.printk(KernelLog.WARNING, speech.noRoom(size));
        }
    }

    /** vmalloc of nothing: a bug of the caller's that later kernels tell once. */
    void zeroSize(int gfp) {
        if (!speech.modern()) {
            failed(0, gfp);
        } else if (!zeroSizeTold) {
            zeroSizeTold = true;
            warning("mm/vmalloc.c", "__vmalloc_node_range");
        }
    }

    void tooLarge(long size, int gfp) {
        if (speech.modern()) {
            report("vmalloc error: size " + size + ", exceeds total pages", gfp);
        } else {
            failed(size, gfp);
        }
    }

    /** There was no room for the area, or no memory for its descriptors. */
    void noArea(long size, int gfp) {
        if (speech.modern()) {
            report("vmalloc error: size " + size + ", vm_struct allocation failed", gfp);
        } else {
            failed(size, gfp);
        }
    }

    private void failed(long size, int gfp) {
        if (speech.tellsFailures()) {
            classicReport("vmalloc: allocation failure: " + size + " bytes", gfp);
        }
    }

    /** The page allocator gave only some of the pages, or the page tables could not be made. */
    void tooFewPages(long got, long areaSize, int gfp) {
        // 6.1 silences its own words here: it has added __GFP_NOWARN to the mask that it reports with
        if (speech.tellsFailures() && !speech.modern()) {
            classicReport("vmalloc: allocation failure, allocated " + got + " of " + areaSize + " bytes", gfp);
        }
    }

    /** {@code warn_alloc_failed()}. */
    private void classicReport(String text, int gfp) {
        if ((gfp & noWarn) == 0) {
            log.printk(KernelLog.WARNING, text);
            log.printk(
                    KernelLog.WARNING,
                    String.format(
                            "%s: page allocation failure: order:0, mode:0x%x",
                            ground.context().comm(), gfp));
        }
    }

    /** {@code warn_alloc()}. */
    private void report(String text, int gfp) {
        ground.pages().warnAlloc(gfp, text, List.of("__vmalloc_node_range", "vmalloc"));
    }

    // ---- wrong calls

    void badAddress(long address) {
        complain(String.format("Trying to vfree() bad address (%08x)", address));
    }

    void nonexistent(long address) {
        complain(String.format("Trying to vfree() nonexistent vm area (%08x)", address));
    }

    /** {@code WARN()} with words: i386 writes them before it traps, ARM has no such trap and writes them after the place. */
    private void complain(String text) {
        boolean afterwards = speech.modern() && ground.profile().arch().arch() == ArchSpec.Arch.ARM;
        if (!afterwards) {
            log.printk(KernelLog.WARNING, text);
        }
        warning("mm/vmalloc.c", "__vunmap");
        if (afterwards) {
            log.printk(KernelLog.WARNING, text);
        }
    }

    void noPages(String call) {
        warning("mm/vmalloc.c", call + ": a page that is none");
    }

    /** i386: an address that no ioremap has given. */
    void badIounmap(long address) {
        log.printk(KernelLog.ERR, String.format("iounmap: bad address %08x", address));
    }

    /** i386, 3.18 and later: said once. */
    void ioremapOnRam(long phys, long last, boolean wide) {
        if (!ramTold) {
            ramTold = true;
            log.printk(
                    KernelLog.WARNING,
                    String.format(
                            wide ? "ioremap on RAM at 0x%016x - 0x%016x" : "ioremap on RAM at 0x%08x - 0x%08x",
                            phys,
                            last));
            warning("arch/x86/mm/ioremap.c", "__ioremap_caller");
        }
    }

    /** ARM, 2.6.38 and later: said each time. */
    void armIoremapOnRam() {
        warning("arch/arm/mm/ioremap.c", "__arm_ioremap_pfn_caller");
    }

    void badPhysical(long phys) {
        log.printk(KernelLog.WARNING, String.format("ioremap: invalid physical address %x", phys));
    }

    /** {@code WARN_ON()}. */
    private void warning(String file, String function) {
        ExecutionContext context = ground.context();
        log.printk(
                KernelLog.WARNING,
                speech.modern()
                        ? String.format(
                                "WARNING: CPU: %d PID: %d at %s %s", context.cpu(), context.pid(), file, function)
                        : String.format("WARNING: at %s %s()", file, function));
    }

    /** A rule of the kernel was broken. */
    static KernelBug bug(String format, Object... arguments) {
        return new KernelBug("kernel BUG at mm/vmalloc.c: " + String.format(format, arguments));
    }

    @Override
    public void save(StateWriter out) {
        out.putBoolean(zeroSizeTold);
        out.putBoolean(ramTold);
    }

    @Override
    public void restore(StateReader in) {
        zeroSizeTold = in.getBoolean();
        ramTold = in.getBoolean();
    }
}
