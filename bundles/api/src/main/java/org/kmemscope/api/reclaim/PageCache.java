package org.kmemscope.api.reclaim;

import java.util.List;
import org.kmemscope.api.view.CachedFileView;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Files in memory ({@code mm/filemap.c}). A file is there as soon as it is named; its contents are zeros until somebody writes. Pages
 * are counted from 0. May sleep.
 */
@ProviderType
public interface PageCache {
    /** The largest page number of a file, plus one. */
    int MOST_PAGES = 1 << 20;

    /**
     * Reads pages of a file: those that are not in memory come from disk, into cold pages where the kernel has such ({@code
     * page_cache_alloc_cold()}).
     *
     * @param first first page
     * @param count how many
     * @return how many are in memory now; fewer than asked for if there was no memory
     */
    int read(String file, int first, int count);

    /** Writes pages of a file: they are dirty afterwards. Whoever writes more than the limit waits for the disk. */
    int write(String file, int first, int count);

    /** {@code fsync()}: writes dirty pages, and waits until they are on disk; the number of pages written. */
    int sync(String file);

    /** {@code invalidate_mapping_pages()}: drops pages that are clean and not in use; the number of pages dropped. */
    int drop(String file);

    /** Deletes a file, dirty or not; its pages are free. */
    void delete(String file);

    /**
     * {@code mlock()} of a mapping of the whole file, or its end: the pages in memory can or cannot be reclaimed.
     */
    void lock(String file, boolean on);

    /** The frame that holds a page of a file, or -1. */
    int pfnOf(String file, int page);

    /** Files, in order of their first use. */
    List<CachedFileView> files();
}
