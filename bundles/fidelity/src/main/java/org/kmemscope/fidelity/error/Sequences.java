package org.kmemscope.fidelity.error;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.fidelity.Findings;

/** Compares two texts line by line: the longest common sequence is equal, and what lies between its lines is different. */
final class Sequences {
    private static final String NOTHING = "nothing";

    private Sequences() {}

    static void compare(String what, List<String> captured, List<String> modelled, String file, Findings findings) {
        int[][] common = common(captured, modelled);
        List<String> theirs = new ArrayList<>();
        List<String> mine = new ArrayList<>();
        int i = 0;
        int j = 0;
        while (i < captured.size() || j < modelled.size()) {
            boolean both = i < captured.size() && j < modelled.size();
            if (both && captured.get(i).equals(modelled.get(j))) {
                different(what, theirs, mine, file, findings);
                findings.equal(1);
                i++;
                j++;
            } else if (j == modelled.size() || i < captured.size() && common[i + 1][j] >= common[i][j + 1]) {
                theirs.add(captured.get(i++));
            } else {
                mine.add(modelled.get(j++));
            }
        }
        different(what, theirs, mine, file, findings);
    }

    private static void different(String what, List<String> theirs, List<String> mine, String file, Findings findings) {
        for (int i = 0; i < Math.max(theirs.size(), mine.size()); i++) {
            String captured = i < theirs.size() ? theirs.get(i) : NOTHING;
            String modelled = i < mine.size() ? mine.get(i) : NOTHING;
            findings.different(what, captured, modelled, file, List.of());
        }
        theirs.clear();
        mine.clear();
    }

    /** Length of the longest common sequence of what follows from each pair of places. */
    private static int[][] common(List<String> one, List<String> other) {
        int[][] length = new int[one.size() + 1][other.size() + 1];
        for (int i = one.size() - 1; i >= 0; i--) {
            for (int j = other.size() - 1; j >= 0; j--) {
                length[i][j] = one.get(i).equals(other.get(j))
                        ? length[i + 1][j + 1] + 1
                        : Math.max(length[i + 1][j], length[i][j + 1]);
            }
        }
        return length;
    }
}
