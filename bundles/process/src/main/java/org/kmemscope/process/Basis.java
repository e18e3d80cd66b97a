package org.kmemscope.process;

import org.kmemscope.api.page.PageAllocator;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.reclaim.Reclaim;
import org.kmemscope.api.reclaim.ReclaimHost;
import org.kmemscope.api.slab.ObjectFloor;
import org.kmemscope.api.trace.Tracepoints;

/** What all parts of processes stand on. */
final class Basis {
    final ObjectFloor floor;
    final Reclaim reclaim;
    final ReclaimHost host;
    final PageFrames frames;
    final PageAllocator pages;
    final Tracepoints trace;
    final UserRules rules;
    final TableFrames tables;

    Basis(ObjectFloor floor, Reclaim reclaim, ReclaimHost host) {
        this.floor = floor;
        this.reclaim = reclaim;
        this.host = host;
        frames = floor.frames();
        pages = floor.pages();
        trace = floor.trace();
        rules = UserRules.of(floor);
        tables = new TableFrames(this);
    }
}
