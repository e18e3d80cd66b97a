package org.kmemscope.api.page;

import java.util.List;

/**
 * The migrate types of one kernel in its own numbering: UNMOVABLE, RECLAIMABLE, MOVABLE, RESERVE, ISOLATE in 2.6; UNMOVABLE,
 * MOVABLE, RECLAIMABLE, HIGHATOMIC, then CMA and ISOLATE where configured, from 4.4 on.
 *
 * @param byIndex the types, in order of their numbers
 */
public record MigrateTypes(List<MigrateType> byIndex) {
    /** How many types have per-CPU lists of their own ({@code MIGRATE_PCPTYPES}). */
    public static final int PCPTYPES = 3;

    /** Keeps an unmodifiable copy. */
    public MigrateTypes {
        byIndex = List.copyOf(byIndex);
    }

    /** How many types there are ({@code MIGRATE_TYPES}). */
    public int count() {
        return byIndex.size();
    }

    /** The type with a number. */
    public MigrateType type(int index) {
        return byIndex.get(index);
    }

    /** The number of a type; -1 if this kernel does not have it. */
    public int indexOf(MigrateType type) {
        return byIndex.indexOf(type);
    }
}
