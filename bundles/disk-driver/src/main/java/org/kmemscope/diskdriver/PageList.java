package org.kmemscope.diskdriver;

import static org.kmemscope.api.gfp.Gfp.GFP_DMA;
import static org.kmemscope.api.gfp.Gfp.GFP_KERNEL;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.api.dma.ScatterEntry;
import org.kmemscope.api.kernel.Kernel;

/** The pages of a request, as a block layer has them: one by one, adjacent or not. */
final class PageList {
    private static final int PAGE = 4096;

    private final int bytes;
    private final List<Integer> pfns = new ArrayList<>();

    PageList(int bytes) {
        this.bytes = bytes;
    }

    /** Whether there was memory for all of them. */
    boolean allocate(Kernel kernel) {
        for (int done = 0; done < bytes; done += PAGE) {
            int pfn = kernel.allocPages(kernel.gfp(GFP_KERNEL, GFP_DMA), 0);
            if (pfn < 0) {
                return false;
            }
            pfns.add(pfn);
        }
        return true;
    }

    void release(Kernel kernel) {
        pfns.forEach(pfn -> kernel.freePages(pfn, 0));
        pfns.clear();
    }

    /** A piece for each page, the last one as long as there are bytes. */
    List<ScatterEntry> pieces() {
        List<ScatterEntry> pieces = new ArrayList<>();
        for (int i = 0; i < pfns.size(); i++) {
            pieces.add(new ScatterEntry(pfns.get(i), 0, Math.min(PAGE, bytes - i * PAGE)));
        }
        return pieces;
    }

    /** Each byte tells where it is. */
    void fill(Kernel kernel, int seed) {
        for (int i = 0; i < pfns.size(); i++) {
            kernel.write(address(kernel, pfns.get(i)), pattern(seed, i * PAGE, Math.min(PAGE, bytes - i * PAGE)));
        }
    }

    void clear(Kernel kernel) {
        pfns.forEach(pfn -> kernel.memset(address(kernel, pfn), 0, PAGE));
    }

    /** How many bytes are not as {@link #fill} wrote them. */
    int differences(Kernel kernel, int seed) {
        int different = 0;
        for (int i = 0; i < pfns.size(); i++) {
            int length = Math.min(PAGE, bytes - i * PAGE);
            byte[] found = kernel.read(address(kernel, pfns.get(i)), length);
            byte[] expected = pattern(seed, i * PAGE, length);
            for (int at = 0; at < length; at++) {
                different += found[at] == expected[at] ? 0 : 1;
            }
        }
        return different;
    }

    /** Memory from GFP_DMA is low memory, which has an address. */
    private static long address(Kernel kernel, int pfn) {
        return kernel.physToVirt((long) pfn * PAGE);
    }

    private static byte[] pattern(int seed, int from, int length) {
        byte[] pattern = new byte[length];
        for (int i = 0; i < length; i++) {
            pattern[i] = (byte) (seed + 31 * (from + i) + (from + i >> 8));
        }
        return pattern;
    }
}
