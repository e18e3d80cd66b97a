package org.kmemscope.fidelity.page;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.page.PageAllocator;
import org.kmemscope.api.page.PageState.ZoneState;
import org.kmemscope.fidelity.Findings;

/**
 * Takes blocks until there are none. Two things make the kernel's counts others than those of a machine that is alone and knows its lists:
 *
 * <ul>
 *   <li>pages that others took or gave back meanwhile: the sum of a zone tells that. What is left when a request fails is the same then, but
 *       for a refill of a per-CPU list;
 *   <li>a boost of the watermarks or a highatomic reserve, which depend on the types of the blocks on lists that are not known, and the end
 *       of a boost, which depends on when kswapd runs. In such a run the request must fail at what was left.
 * </ul>
 */
final class FloorRun {
    /** Facts of a zone that are not compared if its watermarks change. */
    private static final int UNSTEADY = 6;

    private final Replica replica;
    private final Machine machine;
    private final Findings findings;
    private final String file;
    /** Boost of each zone in the kernel, as the run before told it. */
    private Map<String, Long> boosts = new LinkedHashMap<>();

    private long disturbed;
    private long boosted;
    private long unknown;
    private long unmade;

    FloorRun(Replica replica, Findings findings, String file) {
        this.replica = replica;
        this.machine = replica.machine();
        this.findings = findings;
        this.file = file;
    }

    void finish() {
        tell(disturbed, "counts of a zone from which others took pages meanwhile, or to which they gave some back");
        tell(
                boosted,
                "counts of a run with boosted watermarks or highatomic blocks: when and which, depends on the types of blocks on lists that"
                        + " are not known, and on when kswapd ran");
        tell(unknown, "free blocks by order: which blocks lay on the lists was not known");
        tell(unmade, "counts from a start for which the model's zone has no room");
    }

    private void tell(long facts, String what) {
        if (facts > 0) {
            findings.notModelled(facts, what);
        }
    }

    void compare(FloorExperiment floor) {
        machine.locked(() -> {
            replica.keepLists();
            if (replica.follow(floor.before(), "", Optional.empty())) {
                new Comparison(floor).run();
            } else {
                unmade++;
            }
            boosts = floor.numbers("boost");
            replica.setBoosts(boosts);
            return null;
        });
    }

    /** One run. */
    private final class Comparison {
        private final FloorExperiment floor;
        private final String what;
        private final String where;
        private final int mask;
        private final FloorCount count;

        Comparison(FloorExperiment floor) {
            this.floor = floor;
            what = "floor of " + floor.flags() + ", order " + floor.order();
            where = file + ":" + floor.line();
            mask = floor.gfp() | machine.gfp().of(Gfp.__GFP_NOWARN);
            count = FloorCount.take(machine, mask, floor.order());
        }

        void run() {
            boolean steady = floor.zones().keySet().stream().allMatch(this::isSteady);
            boolean quiet = floor.zones().keySet().stream().noneMatch(this::isDisturbed);
            if (steady && quiet) {
                findings.compare(what + ": blocks", floor.allocs(), count.blocks(), where);
                findings.compare(what + ": zones in turn", floor.switches(), count.switches(), where);
            } else if (steady) {
                disturbed += 2;
            } else {
                boosted += 2;
            }
            for (ZoneState zone : machine.pages().state().zones()) {
                String name = machine.pages().zoneType(zone.index()).label();
                if (floor.zones().containsKey(name)) {
                    zone(name, zone, steady);
                }
            }
            count.free(machine, floor.order());
            freed();
            boolean typesMatter =
                    floor.zones().keySet().stream().anyMatch(zone -> !isUntouched(zone) && dependsOnTypes(zone));
            if (!steady && !typesMatter) {
                fails();
            }
        }

        /** Whether it depends on the types of the blocks that are left whether a request fails. */
        private boolean dependsOnTypes(String zone) {
            return replica.zoneState(zone).cma() > 0 || floor.order() > 0 && keepsBlocks(zone);
        }

        /**
         * Whether nothing depends on the types of blocks that one does not know: no boost before or after, in the kernel or in the machine
         * (kswapd may take it back at any moment), and for more than single pages no pageblocks that are kept for atomic requests.
         */
        private boolean isSteady(String zone) {
            if (isUntouched(zone)) {
                return true;
            }
            long boost = boosts.getOrDefault(zone, 0L)
                    + floor.zones().get(zone).get("boost")
                    + replica.zoneState(zone).boost();
            return boost == 0 && (floor.order() == 0 || !keepsBlocks(zone));
        }

        private boolean isUntouched(String zone) {
            return floor.zones().get(zone).get("allocs") == 0 && count.of(zone) == 0;
        }

        /**
         * Whether others took or gave back pages of the zone, or may have: on a machine with several CPUs it is not told which of them ran
         * the experiment, and each has its own lists and counters.
         */
        private boolean isDisturbed(String zone) {
            boolean several =
                    machine.profile().cpus() > 1 && floor.zones().get(zone).get("allocs") > 0;
            return several
                    || floor.takenByOthers(zone) != 0
                    || floor.isMixed(zone, machine.frames().pageblockOrder());
        }

        private void zone(String name, ZoneState zone, boolean steady) {
            Map<String, Long> captured = floor.zones().get(name);
            String fact = what + ", " + name + ": ";
            List<String> marks = List.of("min", "low", "high");
            for (int mark = 0; mark < marks.size(); mark++) {
                findings.compare(fact + marks.get(mark), captured.get(marks.get(mark)), zone.marks()[mark], where);
            }
            if (isUntouched(name)) {
                if (isDisturbed(name)) {
                    disturbed++;
                } else {
                    counts(name, fact, zone, true, true);
                }
            } else if (!isSteady(name)) {
                boosted += UNSTEADY;
            } else {
                findings.compare(fact + "highatomic", captured.get("highatomic"), zone.highatomic(), where);
                findings.compare(fact + "boost", captured.get("boost"), zone.boost(), where);
                if (isDisturbed(name)) {
                    left(fact, captured.get("free_left"), zone);
                    disturbed += 2;
                } else {
                    counts(name, fact, zone, false, steady);
                }
            }
        }

        /** What is left differs by less than the pages that a per-CPU list is refilled with at a time. */
        private void left(String fact, long captured, ZoneState zone) {
            int batch = zone.perCpu().get(0).batch();
            long modelled = zone.free();
            boolean near = Math.abs(captured - modelled) < Math.max(batch, 1 << floor.order()) + zone.threshold();
            findings.compare(
                    fact + "free_left within a refill of " + batch + " pages",
                    captured,
                    near ? captured : modelled,
                    where);
        }

        private void counts(String name, String fact, ZoneState zone, boolean untouched, boolean steady) {
            Map<String, Long> captured = floor.zones().get(name);
            findings.compare(fact + "allocs", captured.get("allocs"), count.of(name), where);
            if (steady) {
                findings.compare(fact + "first_at", captured.get("first_at"), count.first(name), where);
            } else {
                boosted++;
            }
            FreeBlocks.Zone failed = floor.failed().zones().get(name);
            FreeBlocks.Zone mine = replica.zone(name);
            if (!untouched) {
                findings.compare(fact + "free_left", captured.get("free_left"), zone.free(), where);
            }
            findings.compare(fact + "pages on per-CPU lists", failed.perCpu(), mine.perCpu(), where);
            if (replica.knows(name) || untouched) {
                findings.compare(fact + "free blocks at the failure", failed.text(), mine.text(), where);
            } else {
                findings.compare(fact + "free pages at the failure", failed.pages(), mine.pages(), where);
                unknown++;
            }
        }

        private void freed() {
            for (String zone : floor.freed().zones().keySet()) {
                FreeBlocks.Zone captured = floor.freed().zones().get(zone);
                boolean same = floor.before().zones().get(zone).pages() == captured.pages();
                if (same && !floor.isMixed(zone, machine.frames().pageblockOrder()) && !keepsBlocks(zone)) {
                    findings.compare(
                            what + ", " + zone + ": free blocks when freed",
                            captured.text(),
                            replica.zone(zone).text(),
                            where);
                } else {
                    disturbed++;
                }
            }
        }

        /** Pageblocks that are kept for atomic requests are not merged with others. */
        private boolean keepsBlocks(String zone) {
            long kept = Math.max(
                    floor.zones().get(zone).get("highatomic"),
                    replica.zoneState(zone).highatomic());
            return kept > 0;
        }

        /** At the counts and boosts that the kernel had when the request failed, it must fail. */
        private void fails() {
            var after = machine.pages().state();
            replica.setBoosts(floor.numbers("boost"));
            if (replica.follow(floor.failed(), "", Optional.empty())) {
                int pfn = machine.pages().allocPages(mask, floor.order());
                findings.compare(
                        what + ": a request at what is left",
                        "FAILED",
                        pfn == PageAllocator.NONE ? "FAILED" : "served from " + FloorCount.zone(machine, pfn),
                        where);
            } else {
                unmade++;
            }
            machine.pages().load(after);
        }
    }
}
