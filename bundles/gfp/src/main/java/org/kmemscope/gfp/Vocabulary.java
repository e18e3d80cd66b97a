package org.kmemscope.gfp;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.KernelVersion;

/**
 * The words with which one kernel prints masks: a list from the file {@code words.txt}, which explains its own form.
 *
 * <p>Printing takes the words out of the mask one after the other, as {@code __print_flags()} and {@code %pGg} do:
 *
 * <ol>
 *   <li>walk the list from its start, while bits are left;
 *   <li>if the mask has all bits of the word, print the word and take its bits away;
 *   <li>print what is left in hex.
 * </ol>
 *
 * <p>A word whose value is 0 is always "in" the mask, so it is printed whenever step 1 reaches it. Real kernels without kmemcheck do
 * that: {@code GFP_KERNEL|GFP_REPEAT|GFP_ZERO|GFP_NOTRACK|0x2} (3.2). Immutable.
 */
final class Vocabulary {
    private final String zero;
    private final String[] words;
    private final int[] masks;

    private Vocabulary(String zero, List<String> words, List<Integer> masks) {
        this.zero = zero;
        this.words = words.toArray(new String[0]);
        this.masks = masks.stream().mapToInt(Integer::intValue).toArray();
    }

    /** The vocabulary of a kernel with these numbers, from the lines of the file. */
    static Vocabulary of(List<String> file, KernelVersion version, Numbers numbers) {
        String zero = "";
        List<String> words = new ArrayList<>();
        List<Integer> masks = new ArrayList<>();
        for (String line : file) {
            String[] fields = line.split("\\s+");
            if (fields[0].equals("kernel")) {
                if (KernelVersion.parse(fields[1]).compareTo(version) > 0) {
                    break;
                }
                zero = fields[3];
                words.clear();
                masks.clear();
                continue;
            }
            for (String entry : fields) {
                boolean onlyIfOn = entry.endsWith("?");
                String word = onlyIfOn ? entry.substring(0, entry.length() - 1) : entry;
                Gfp flag = flag(word).orElseThrow(() -> new IllegalStateException("no flag is called " + word));
                if (numbers.has(flag) && (numbers.of(flag) != 0 || !onlyIfOn)) {
                    words.add(word);
                    masks.add(numbers.of(flag));
                }
            }
        }
        return new Vocabulary(zero, words, masks);
    }

    /** The flag or mask behind a word: its name, or a single flag's name without the underscores. */
    static Optional<Gfp> flag(String word) {
        Gfp withUnderscores = null;
        for (Gfp flag : Gfp.values()) {
            if (flag.name().equals(word)) {
                return Optional.of(flag);
            }
            if (flag.name().equals("__" + word)) {
                withUnderscores = flag;
            }
        }
        return Optional.ofNullable(withUnderscores);
    }

    String format(int gfp) {
        if (gfp == 0) {
            return zero;
        }
        StringBuilder text = new StringBuilder();
        int left = gfp;
        for (int i = 0; i < words.length && left != 0; i++) {
            if ((left & masks[i]) == masks[i]) {
                left &= ~masks[i];
                append(text, words[i]);
            }
        }
        if (left != 0) {
            append(text, "0x" + Integer.toHexString(left));
        }
        return text.toString();
    }

    private static void append(StringBuilder text, String part) {
        if (text.length() > 0) {
            text.append('|');
        }
        text.append(part);
    }
}
