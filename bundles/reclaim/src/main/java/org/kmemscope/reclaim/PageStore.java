package org.kmemscope.reclaim;

import java.util.TreeMap;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.phys.PhysicalMemory;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/** Contents of pages outside of RAM: on disk, in swap. Pages of zeros take no room. */
final class PageStore implements Stateful {
    private final TreeMap<Long, byte[]> contents = new TreeMap<>();

    /** Copies a frame out. */
    void write(long place, PhysicalMemory ram, int pfn) {
        byte[] page = new byte[Profile.PAGE_SIZE];
        ram.read((long) pfn << Profile.PAGE_SHIFT, page, 0, page.length);
        boolean zeros = true;
        for (int i = 0; zeros && i < page.length; i++) {
            zeros = page[i] == 0;
        }
        if (zeros) {
            contents.remove(place);
        } else {
            contents.put(place, page);
        }
    }

    /** Copies a page into a frame. */
    void read(long place, PhysicalMemory ram, int pfn) {
        byte[] page = contents.get(place);
        if (page == null) {
            ram.fill((long) pfn << Profile.PAGE_SHIFT, Profile.PAGE_SIZE, 0);
        } else {
            ram.write((long) pfn << Profile.PAGE_SHIFT, page, 0, page.length);
        }
    }

    void forget(long place) {
        contents.remove(place);
    }

    /** Forgets every page of a range of places. */
    void forget(long from, long to) {
        contents.subMap(from, to).clear();
    }

    @Override
    public void save(StateWriter out) {
        out.putInt(contents.size());
        contents.forEach((place, page) -> {
            out.putLong(place);
            out.putBytes(page);
        });
    }

    @Override
    public void restore(StateReader in) {
        contents.clear();
        for (int i = in.getInt(); i > 0; i--) {
            contents.put(in.getLong(), in.getBytes());
        }
    }
}
