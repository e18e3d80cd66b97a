package org.kmemscope.fidelity;

/** Facts that belong together, and how each of them is compared. Stateless. */
public interface Family {
    /** What they are about, in one or two words. */
    String name();

    /**
     * Compares every fact of the family that the capture tells; facts the model has no answer to are told too. A capture that says
     * nothing of the family leaves no findings.
     */
    void compare(Subject subject, Findings findings);
}
