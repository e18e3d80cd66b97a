package org.kmemscope.mmu;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.kmemscope.api.mmu.Protection;

/**
 * The naive model: a map from page to mapping, and for each CPU and page the mappings that were in force at some time since that
 * CPU last flushed that page. A TLB may answer with any of these.
 */
final class TableModel {
    /** What a page leads to. */
    record Mapping(long phys, boolean writable) {
        static Mapping of(long phys, Protection protection) {
            return new Mapping(phys, protection.writable());
        }
    }

    private final Map<Long, Mapping> now = new HashMap<>();
    private final List<Map<Long, Set<Mapping>>> since = new ArrayList<>();

    TableModel(int cpus) {
        for (int cpu = 0; cpu < cpus; cpu++) {
            since.add(new HashMap<>());
        }
    }

    Optional<Mapping> at(long page) {
        return Optional.ofNullable(now.get(page));
    }

    void set(long page, Mapping mapping) {
        now.put(page, mapping);
        for (Map<Long, Set<Mapping>> cpu : since) {
            cpu.computeIfAbsent(page, key -> new HashSet<>()).add(mapping);
        }
    }

    void clear(long page) {
        now.remove(page);
    }

    /** What the CPU may still believe of a page. */
    Set<Mapping> believed(int cpu, long page) {
        return since.get(cpu).getOrDefault(page, Set.of());
    }

    void flush(int cpu, long page) {
        Set<Mapping> left = new HashSet<>();
        at(page).ifPresent(left::add);
        since.get(cpu).put(page, left);
    }

    void flushEverywhere(long page) {
        for (int cpu = 0; cpu < since.size(); cpu++) {
            flush(cpu, page);
        }
    }
}
