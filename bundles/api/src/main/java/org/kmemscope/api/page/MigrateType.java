package org.kmemscope.api.page;

/** Mobility of the pages in a pageblock. Numbers differ by era, see {@link MigrateTypes}. */
public enum MigrateType {
    /** Stays where it is. */
    UNMOVABLE("Unmovable"),
    /** Can be moved. */
    MOVABLE("Movable"),
    /** Can be freed on demand. */
    RECLAIMABLE("Reclaimable"),
    /** 2.6 to 4.3: kept back for emergencies. */
    RESERVE("Reserve"),
    /** 4.4 and later: kept for high-order atomic requests. */
    HIGHATOMIC("HighAtomic"),
    /** Set aside for contiguous DMA memory; lent to movable pages. */
    CMA("CMA"),
    /** Being taken out of use. */
    ISOLATE("Isolate");

    private final String label;

    MigrateType(String label) {
        this.label = label;
    }

    /** The name as {@code /proc/pagetypeinfo} prints it. */
    public String label() {
        return label;
    }
}
