package org.kmemscope.api.view;

import java.util.List;

/**
 * Why a request for pages cannot be served.
 *
 * @param gfp the mask by names
 * @param order the order
 * @param reason one line for a person
 * @param zones what each zone of the zonelist says, in the order they are tried
 */
public record AllocFailure(String gfp, int order, String reason, List<ZoneVerdict> zones) {
    /**
     * One zone's answer.
     *
     * @param zone name
     * @param free free pages that count
     * @param mark the watermark that was compared, reductions made
     * @param reserve lowmem reserve against this request
     * @param fits whether the zone could serve the request
     * @param text the comparison as a sentence
     */
    public record ZoneVerdict(String zone, long free, long mark, long reserve, boolean fits, String text) {}
}
