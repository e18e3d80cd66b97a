package org.kmemscope.fidelity.vector;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.kmemscope.api.error.KernelException;
import org.kmemscope.api.fidelity.FidelityReport.Difference;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.vector.Player.Answer;

/**
 * Plays a vector and compares each answer. The first operation with another answer ends it: what comes after has lost its ground and counts
 * as different. To show what was there before that operation, the vector is played up to it a second time.
 */
final class Replay {
    /** What a kernel answered that went on. */
    private static final String FINE = "no complaint";

    private final VectorText text;
    private final List<Step> steps;
    private final Supplier<Player> players;

    /**
     * @param players makes players on fresh machines in the start state
     */
    Replay(VectorText text, List<Step> steps, Supplier<Player> players) {
        this.text = text;
        this.steps = steps;
        this.players = players;
    }

    void run(Findings findings) {
        long facts = steps.stream().mapToLong(Step::facts).sum();
        VectorFamily.made(players, facts, text, findings).ifPresent(player -> run(player, findings));
    }

    private void run(Player player, Findings findings) {
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            if (step.check()) {
                player.check(step.line(), findings);
                continue;
            }
            Answer answer = make(player, step);
            if (answer.same()) {
                findings.equal(step.facts());
            } else {
                different(i, answer, player, findings);
                return;
            }
        }
    }

    private static Answer make(Player player, Step step) {
        try {
            return player.make(step.line());
        } catch (KernelException e) {
            return new Answer(FINE, e.getMessage());
        } catch (MalformedVector e) {
            throw e;
        } catch (RuntimeException e) {
            // a model that cannot answer has another answer
            return new Answer(FINE, "failed with " + e);
        }
    }

    private void different(int index, Answer answer, Player player, Findings findings) {
        Line line = steps.get(index).line();
        long following = steps.subList(index + 1, steps.size()).stream()
                .mapToLong(Step::facts)
                .sum();
        List<String> scene = new ArrayList<>();
        scene.add(line.text());
        scene.add("before:");
        before(index).scene(line, answer).forEach(text -> scene.add("  " + text));
        scene.add("after, in the model:");
        player.scene(line, answer).forEach(text -> scene.add("  " + text));
        scene.add(following + " facts after it were not compared and count as different");
        findings.different(
                new Difference(
                        text.name() + ": operation " + line.word(1),
                        answer.captured(),
                        answer.modelled(),
                        line.where(),
                        scene),
                following);
    }

    private Player before(int index) {
        Player player = players.get();
        for (Step step : steps.subList(0, index)) {
            if (!step.check()) {
                make(player, step);
            }
        }
        return player;
    }
}
