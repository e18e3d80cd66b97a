package org.kmemscope.shell.command;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.Sizes;
import org.kmemscope.api.machine.Machine;

/**
 * Reads what people write for addresses, pages, sizes and flags.
 *
 * <pre>
 *   address   c01a0000   0xc01a0000   VMALLOC_START   high_memory   NULL, where it is a pointer
 *   page      pfn:0x1234   1234       or an address of the linear mapping
 *   size      100   0x64   4k   1M   3p
 *   flags     GFP_KERNEL   GFP_KERNEL+__GFP_ZERO   0xd0
 * </pre>
 */
final class Arguments {
    private static final String PFN = "pfn:";
    private static final String NULL = "NULL";
    /** Physical addresses and those on a bus have up to 40 bits (PAE, LPAE), virtual ones have 32. */
    private static final long ADDRESS_LIMIT = 1L << 40;

    private static final long VIRTUAL_LIMIT = 1L << 32;

    private final Machine machine;

    Arguments(Machine machine) {
        this.machine = machine;
    }

    /** A number in hex, with or without 0x; -1 if it is none. */
    static long hex(String text) {
        String digits = text.startsWith("0x") || text.startsWith("0X") ? text.substring(2) : text;
        try {
            return digits.startsWith("-") || digits.startsWith("+") ? -1 : Long.parseLong(digits, 16);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** A number as C writes it: decimal, or hex with 0x. */
    static long number(String text, String what) {
        try {
            return Long.decode(text);
        } catch (NumberFormatException e) {
            throw new Failure("'" + text + "' is no " + what + "; write 12 or 0xc", e);
        }
    }

    /** A virtual address, the name of a constant of the layout, or NULL. */
    long virtual(String text) {
        if (text.equals(NULL)) {
            return 0;
        }
        long value = address(text);
        if (value >= VIRTUAL_LIMIT) {
            throw new Failure("'" + text + "' is no virtual address: those have 32 bits, up to 0xffffffff");
        }
        return value;
    }

    /** A physical or bus address, or the name of a constant of the layout. */
    long address(String text) {
        Long named = constants(machine.layout()).get(text);
        long value = named == null ? hex(text) : named;
        if (value < 0 || value >= ADDRESS_LIMIT) {
            throw new Failure("'" + text + "' is no address; one looks like 0xc01a0000 or c01a0000"
                    + Nearest.hint(text, constants(machine.layout()).keySet()));
        }
        return value;
    }

    /** The frame of a page: {@code pfn:0x1234}, {@code 1234}, or an address of the linear mapping. */
    int page(String text) {
        boolean prefixed = text.startsWith(PFN);
        long value = prefixed ? hex(text.substring(PFN.length())) : address(text);
        AddressLayout layout = machine.layout();
        long pfn = !prefixed && layout.isLinear(value) ? layout.virtToPfn(value) : value;
        if (!machine.frames().isValid(pfn)) {
            throw new Failure(String.format(
                    "'%s' is no page: frames are pfn:0x%x to pfn:0x%x, linear addresses 0x%08x to 0x%08x",
                    text,
                    machine.frames().firstPfn(),
                    machine.frames().endPfn() - 1,
                    layout.pageOffset(),
                    layout.highMemory() - 1));
        }
        return (int) pfn;
    }

    /** The frames of pages, or of blocks of an order, in their order. */
    int[] frames(List<String> pages, int order) {
        if (order < 0 || order >= machine.pages().maxOrder()) {
            throw new Failure("'" + order + "' is no order; there are 0 to "
                    + (machine.pages().maxOrder() - 1));
        }
        int size = 1 << order;
        int[] frames = new int[pages.size() * size];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = page(pages.get(i / size)) + i % size;
        }
        return frames;
    }

    /** The frame of a page, by any address that is mapped to it. */
    int mappedPage(String text) {
        long value = text.startsWith(PFN) ? -1 : address(text);
        if (value >= machine.layout().highMemory()) {
            long phys = machine.<Long>locked(() -> machine.mmu().lookup(value));
            if (phys >= 0 && machine.frames().isValid(phys >> Profile.PAGE_SHIFT)) {
                return (int) (phys >> Profile.PAGE_SHIFT);
            }
        }
        return page(text);
    }

    /** Bytes. */
    static long size(String text) {
        return Sizes.parse(text);
    }

    /** Bytes as whole pages, the last of which may be only in part used. */
    static long pages(String text) {
        return (size(text) + Profile.PAGE_SIZE - 1) >> Profile.PAGE_SHIFT;
    }

    /**
     * A mask of GFP flags for a request. Names of zones that contradict each other are refused, as a kernel with DEBUG_VM refuses
     * them; a number is taken as it is, as any other kernel takes it.
     */
    int gfp(String text) {
        int mask = machine.gfp().parse(text);
        if (machine.gfp().isBadZone(mask) && !text.startsWith("0x")) {
            throw new Failure(String.format(
                    "%s: at most one of __GFP_DMA, __GFP_HIGHMEM and __GFP_DMA32; 0x%x asks for zone %s of this kernel, silently",
                    text, mask, machine.gfp().zone(mask).label()));
        }
        return mask;
    }

    /** Names of the address space that stand for addresses. */
    static Map<String, Long> constants(AddressLayout layout) {
        Map<String, Long> named = new TreeMap<>(layout.constants());
        named.put("PAGE_OFFSET", layout.pageOffset());
        named.put("high_memory", layout.highMemory());
        named.put("VMALLOC_START", layout.vmallocStart());
        named.put("VMALLOC_END", layout.vmallocEnd());
        named.put("FIXADDR_START", layout.fixaddrStart());
        named.put("FIXADDR_TOP", layout.fixaddrTop());
        if (layout.lastPkmap() > 0) {
            named.put("PKMAP_BASE", layout.pkmapBase());
        }
        return named;
    }
}
