package org.kmemscope.mmu;

import org.kmemscope.api.ground.Sizes;
import org.kmemscope.api.mmu.Walk;

/** Mappings as one line of text. */
final class MappingText {
    private MappingText() {}

    /** What the tables say: {@code 4k page 0x01234000, rw, no exec, cached, global; PTE 0x01f09058 = 0x8000000001234163}. */
    static String of(Walk walk, long found) {
        Walk.Level end = walk.levels().get(walk.levels().size() - 1);
        String where = String.format("%s 0x%08x = 0x%x", end.table(), end.entryAddress(), end.value());
        if (found == Translation.NONE) {
            return "not mapped; " + where;
        }
        long base = walk.phys() & -walk.pageSize();
        return String.format("%s page 0x%08x, %s; %s", Sizes.format(walk.pageSize()), base, rights(found), where);
    }

    /** What a TLB says in contradiction to the tables. */
    static String stale(int cpu, long entry) {
        return String.format(
                "stale on CPU %d: still leads to 0x%08x, %s", cpu, entry & Translation.ADDRESS, rights(entry));
    }

    private static String rights(long found) {
        return ((found & Translation.WRITE) != 0 ? "rw" : "ro")
                + ((found & Translation.EXECUTE) != 0 ? ", exec" : ", no exec")
                + ((found & Translation.CACHED) != 0 ? ", cached" : ", uncached")
                + ((found & Translation.GLOBAL) != 0 ? ", global" : "");
    }
}
