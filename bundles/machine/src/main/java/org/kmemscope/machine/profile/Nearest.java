package org.kmemscope.machine.profile;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Finds what somebody who misspelt a word had in mind. */
final class Nearest {
    private Nearest() {}

    /** The words, most alike first; equally alike ones in their own order. */
    static List<String> sorted(String word, Collection<String> words) {
        return words.stream()
                .sorted(Comparator.comparingInt(other -> distance(word, other)))
                .toList();
    }

    /** The word most alike, if it is alike enough to be meant. */
    static Optional<String> of(String word, Collection<String> words) {
        return sorted(word, words).stream()
                .findFirst()
                .filter(other -> distance(word, other) <= Math.max(2, word.length() / 3));
    }

    /** {@code did you mean X?}, or the whole choice when nothing is near. */
    static String hint(String word, Collection<String> words) {
        return of(word, words)
                .map(near -> "did you mean '" + near + "'?")
                .orElseGet(() -> "there are " + String.join(", ", words));
    }

    /** Whether two words differ in one letter. */
    static boolean isSlip(String word, String other) {
        return distance(word, other) == 1;
    }

    /** Levenshtein distance: letters to change, add or drop. Case does not count. */
    private static int distance(String one, String other) {
        int[] row = new int[other.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                boolean same = Character.toLowerCase(one.charAt(i - 1)) == Character.toLowerCase(other.charAt(j - 1));
                int change = diagonal + (same ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[other.length()];
    }
}
