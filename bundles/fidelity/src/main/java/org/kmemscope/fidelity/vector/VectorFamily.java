package org.kmemscope.fidelity.vector;

import java.util.Optional;
import java.util.function.Supplier;
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

    /**
     * Makes something that a comparison needs a machine for.
     *
     * @param facts what is not modelled if no machine comes up in that state
     */
    static <T> Optional<T> made(Supplier<T> maker, long facts, VectorText text, Findings findings) {
        try {
            return Optional.of(maker.get());
        } catch (MalformedVector e) {
            throw e;
        } catch (IllegalArgumentException e) {
            findings.notModelled(facts, text.name() + ": no machine has this start state: " + e.getMessage());
            return Optional.empty();
        }
    }
}
