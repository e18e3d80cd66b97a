package org.kmemscope.api.view;

/**
 * A task with memory of its own, as the OOM killer's table shows it. Sizes are pages.
 *
 * @param pid process id
 * @param uid user; 0 is root
 * @param comm name
 * @param totalVm mapped, touched or not ({@code total_vm})
 * @param anonRss anonymous pages in memory
 * @param fileRss pages of files in memory
 * @param swapped pages in swap ({@code swapents})
 * @param pageTables pages that its page tables take
 * @param locked pages locked into memory
 * @param oomAdjust {@code oom_score_adj}; before 2.6.36 {@code oom_adj}
 * @param start tick at which it started
 */
public record TaskView(
        int pid,
        int uid,
        String comm,
        long totalVm,
        long anonRss,
        long fileRss,
        long swapped,
        long pageTables,
        long locked,
        int oomAdjust,
        long start) {
    /** Resident pages ({@code get_mm_rss()}). */
    public long rss() {
        return anonRss + fileRss;
    }
}
