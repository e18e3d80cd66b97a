package org.kmemscope.machine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.kmemscope.api.view.HoldingView;

/** What a module holds, by address, with the place that took it. */
class Ledger {
    /** Remembers nothing: for those who are no module. */
    static final Ledger NONE = new Ledger() {
        @Override
        void take(String kind, long key, long bytes, String site) {
            // the console may keep what it likes
        }
    };

    private final Map<String, Map<Long, Entry>> held = new LinkedHashMap<>();

    private record Entry(long bytes, String site) {}

    void take(String kind, long key, long bytes, String site) {
        held.computeIfAbsent(kind, k -> new LinkedHashMap<>()).put(key, new Entry(bytes, site));
    }

    void give(String kind, long key) {
        Map<Long, Entry> ofKind = held.get(kind);
        if (ofKind != null) {
            ofKind.remove(key);
        }
    }

    long count() {
        return held.values().stream().mapToLong(Map::size).sum();
    }

    long bytes() {
        return held.values().stream()
                .flatMap(ofKind -> ofKind.values().stream())
                .mapToLong(Entry::bytes)
                .sum();
    }

    /** Everything that is held. */
    List<HoldingView> holdings() {
        List<HoldingView> holdings = new ArrayList<>();
        held.forEach((kind, ofKind) ->
                ofKind.forEach((key, entry) -> holdings.add(new HoldingView(kind, key, entry.bytes, entry.site))));
        return holdings;
    }

    /** One line for each thing that is still held. */
    List<String> leaks() {
        return holdings().stream()
                .map(held ->
                        String.format("%s %s, %d bytes, from %s", held.kind(), held.where(), held.bytes(), held.site()))
                .toList();
    }
}
