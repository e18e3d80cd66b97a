package org.kmemscope.mmu;

import java.util.List;

/** What a kernel prints when it faults. */
interface OopsWords {
    /** The first line of the oops. */
    String fault(long virt, boolean write);

    /** The lines that show the table entries. */
    List<String> tables(PageTables tables, long virt);
}
