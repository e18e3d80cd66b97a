package org.kmemscope.capture.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.kmemscope.api.page.ZoneType;
import org.kmemscope.api.view.AllocFailure;
import org.kmemscope.api.view.AllocFailure.ZoneVerdict;
import org.kmemscope.capture.report.WatermarkRule.Answer;
import org.kmemscope.capture.report.WatermarkRule.Obstacle;

/**
 * Why a request failed, zone by zone, with the sums of {@link WatermarkRule}. Zones are asked in the order in which the kernel tries them:
 * from the highest that the mask allows downward.
 */
final class Diagnosis {
    /** Less than this between the total and the sum of the zones are counters that were read at different moments. */
    private static final long HIDDEN_LEAST = 1024;

    private final Report report;
    private final Mask mask;
    private final WatermarkRule rule;
    private final Request request;
    private final Map<ReportedZone, Answer> answers = new LinkedHashMap<>();

    Diagnosis(Report report, Mask mask) {
        this.report = report;
        this.mask = mask;
        rule = WatermarkRule.of(mask.version(), report.release().orElse(""));
        request = Request.of(mask.table(), mask.value(), report.header().order());
        for (ReportedZone zone : zonelist(request)) {
            answers.put(zone, ask(zone, request));
        }
    }

    Report report() {
        return report;
    }

    Mask mask() {
        return mask;
    }

    Request request() {
        return request;
    }

    /** Every zone that the request may use, and its answer. */
    Map<ReportedZone, Answer> answers() {
        return answers;
    }

    /** What a zone says to another request. */
    Answer ask(ReportedZone zone, Request other) {
        return rule.ask(zone, other, index(other.highest()));
    }

    /** The first zone that would have served another request. */
    Optional<ReportedZone> servedBy(Request other) {
        return zonelist(other).stream().filter(zone -> ask(zone, other).fits()).findFirst();
    }

    private int index(ZoneType type) {
        int index = report.zoneTypes().indexOf(type);
        return index < 0 ? report.zoneTypes().indexOf(ZoneType.NORMAL) : index;
    }

    private List<ReportedZone> zonelist(Request asked) {
        List<ReportedZone> zones = new ArrayList<>();
        for (int index = index(asked.highest()); index >= 0; index--) {
            ZoneType type = report.zoneTypes().get(index);
            report.zones().stream().filter(zone -> zone.type() == type).forEach(zones::add);
        }
        return zones;
    }

    /** The zones' answers as a view. */
    AllocFailure failure(String reason) {
        List<ZoneVerdict> verdicts = new ArrayList<>();
        answers.forEach((zone, answer) -> verdicts.add(new ZoneVerdict(
                report.name(zone), answer.free(), answer.mark(), answer.reserve(), answer.fits(), text(zone, answer))));
        return new AllocFailure(mask.names(), request.order(), reason, verdicts);
    }

    private String text(ReportedZone zone, Answer answer) {
        String sum = String.format(
                "%d free pages that count %s min watermark %d%s + lowmem_reserve %d",
                answer.free(),
                answer.shortage() > 0 ? "<=" : ">",
                answer.mark(),
                answer.mark() < zone.min() ? " (of " + zone.min() + ", reduced for this request)" : "",
                answer.reserve());
        return "zone " + report.name(zone) + ": " + sum
                + (answer.obstacle() == Obstacle.FRAGMENTED
                        ? ", but too few in blocks of order " + request.order() + " or more"
                        : "");
    }

    /** Whether some zone could serve the request after all. */
    boolean anyFits() {
        return answers.values().stream().anyMatch(Answer::fits);
    }

    /** The highest zone with memory that the request may use; the one it is confined to, if none has. */
    String highestZone() {
        return answers.isEmpty()
                ? request.highest().label()
                : answers.keySet().iterator().next().type().label();
    }

    /**
     * Free pages of zones that the report leaves out: since 6.1 it lists only those that the mask allows, but its total counts all.
     */
    long hiddenFree() {
        long listed =
                report.zones().stream().mapToLong(zone -> zone.pages("free")).sum();
        long hidden = report.totals().getOrDefault("free", 0L) - listed;
        boolean all = report.zones().size() == report.zoneTypes().size();
        return all || hidden < HIDDEN_LEAST ? 0 : hidden;
    }

    /** Whether so much is free beyond the listed zones that not all of it can be high memory. */
    boolean hiddenLowMemory() {
        return hiddenFree() > report.highPages();
    }

    /** kB of a number of pages. */
    long kb(long pages) {
        return pages * report.pageKb();
    }
}
