package org.kmemscope.reclaim;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.reclaim.PageOwner;

/** The owners of pages by their numbers. Wiring, not state: a copy of the machine adds the same ones in the same order. */
final class Owners {
    private final PageFrames frames;
    private final List<PageOwner> owners = new ArrayList<>();

    Owners(PageFrames frames) {
        this.frames = frames;
    }

    int add(PageOwner owner) {
        if (owners.size() == PageOwner.MOST_OWNERS) {
            throw new IllegalStateException("there are " + PageOwner.MOST_OWNERS + " owners of pages already");
        }
        owners.add(owner);
        return owners.size();
    }

    /** Whether somebody owns the page. */
    boolean has(int pfn) {
        int number = PageOwner.ownerOf(frames.mapping(pfn));
        return number > 0 && number <= owners.size();
    }

    /** Who owns the page. */
    PageOwner of(int pfn) {
        int number = PageOwner.ownerOf(frames.mapping(pfn));
        if (number < 1 || number > owners.size()) {
            throw new IllegalStateException(
                    String.format("pfn 0x%x has the mapping %08x, which is nobody's", pfn, frames.mapping(pfn)));
        }
        return owners.get(number - 1);
    }
}
