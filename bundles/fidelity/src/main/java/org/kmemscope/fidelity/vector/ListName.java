package org.kmemscope.fidelity.vector;

import org.kmemscope.api.page.MigrateTypes;

/**
 * Which list of a zone.
 *
 * @param kind what it holds
 * @param cpu whose, of a per-CPU list
 * @param index order of a free list, number of a per-CPU list
 * @param migratetype type of a free list
 */
record ListName(Kind kind, int cpu, int index, int migratetype) {
    /** Kinds of lists. */
    enum Kind {
        /** Free blocks. */
        FREE,
        /** Blocks held ready for a CPU. */
        PER_CPU,
        /** The migrate type each of those came with. */
        PER_CPU_TYPES,
        /** Types of the pageblocks. */
        PAGEBLOCKS
    }

    /** Per-CPU lists of single orders ({@code NR_LOWORDER_PCP_LISTS} of 5.14 and later): three for each of the orders 0 to 3. */
    private static final int LOW_ORDER_LISTS = MigrateTypes.PCPTYPES * 4;

    /** For people. */
    String text(ZoneNames names) {
        return switch (kind) {
            case FREE -> "free list of order " + index + " " + names.migratetype(migratetype);
            case PER_CPU -> perCpu(names);
            case PER_CPU_TYPES -> "migrate types in " + perCpu(names);
            case PAGEBLOCKS -> "types of the pageblocks";
        };
    }

    private String perCpu(ZoneNames names) {
        String holds = index < LOW_ORDER_LISTS
                ? "order " + index / MigrateTypes.PCPTYPES + " " + names.migratetype(index % MigrateTypes.PCPTYPES)
                : "huge pages";
        return "list " + index + " of CPU " + cpu + " (" + holds + ")";
    }
}
