package org.kmemscope.fidelity.vector;

import java.util.List;
import org.kmemscope.fidelity.Family;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;

/**
 * Vectors of one kind: a machine of the captured kind takes the recorded start state over, makes the recorded operations, and must answer
 * each as the kernel did.
 */
abstract class VectorFamily implements Family {
    private final String name;
    private final String prefix;

    /**
     * @param name name of the family
     * @param prefix how the names of its files begin
     */
    VectorFamily(String name, String prefix) {
        this.name = name;
        this.prefix = prefix;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void compare(Subject subject, Findings findings) {
        for (String file : subject.capture().files()) {
            if (file.startsWith(prefix)) {
                compare(subject, file, findings);
            }
        }
    }

    /** Runs one vector. */
    abstract void compare(Subject subject, String file, Findings findings);

    /** Compares a constant that stands in one of the lines, if it does. */
    static void compareConstant(
            VectorText text, List<Line> lines, String name, int radix, Long modelled, Findings findings) {
        for (Line line : lines) {
            if (line.has(name)) {
                findings.compare(
                        text.name() + ": " + name,
                        line.value(name),
                        modelled == null ? "none" : Long.toString(modelled, radix),
                        line.where());
            }
        }
    }
}
