package org.kmemscope.reclaim;

import java.util.Arrays;
import org.kmemscope.api.phys.PageFrames;

/** The pages of a file that are in memory ({@code address_space}). */
final class CachedFile {
    private static final int FIRST_ROOM = 16;

    final int id;
    final String name;
    /** By page of the file, its frame plus one; 0 where it is not in memory. */
    int[] pages = new int[FIRST_ROOM];

    int cached;
    boolean locked;
    /** Objects of its inode and its name in the caches of such; 0 where there are none. */
    long inode;

    long dentry;

    CachedFile(int id, String name) {
        this.id = id;
        this.name = name;
    }

    int pfn(int page) {
        return page < pages.length ? pages[page] - 1 : PageFrames.NONE;
    }

    void put(int page, int pfn) {
        if (page >= pages.length) {
            pages = Arrays.copyOf(pages, Math.max(page + 1, pages.length * 2));
        }
        pages[page] = pfn + 1;
        cached++;
    }

    void move(int page, int pfn) {
        pages[page] = pfn + 1;
    }

    void remove(int page) {
        pages[page] = 0;
        cached--;
    }
}
