package org.kmemscope.fidelity;

import org.kmemscope.api.fidelity.FidelityReport.Score;

/** Findings for tests of other packages. */
public final class FindingsOfTests {
    private final Findings findings = new Findings();

    /** To be filled. */
    public Findings findings() {
        return findings;
    }

    /** What is in them. */
    public Score score() {
        return findings.family("test").score();
    }
}
