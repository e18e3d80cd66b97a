package org.kmemscope.gfp;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.KernelVersion;

/** Says in one line why a name cannot be used in a kernel, and what to write there instead. */
final class NameHelp {
    /** A name that differs in more letters than this is another name, not a slip. */
    private static final int MOST_SLIPS = 3;

    /** The core of a name decides; the whole name only chooses between {@code GFP_ATOMIC} and {@code __GFP_ATOMIC}. */
    private static final int CORE_WEIGHT = 100;

    private final FlagHistory history;
    private final Numbers numbers;
    private final KernelVersion version;

    NameHelp(FlagHistory history, Numbers numbers, KernelVersion version) {
        this.history = history;
        this.numbers = numbers;
        this.version = version;
    }

    /** A name of another kernel: which kernels have it, and what stands for it here. */
    IllegalArgumentException notHere(Gfp flag) {
        List<FlagHistory.Row> rows = history.all(flag);
        KernelVersion came = rows.get(0).since();
        FlagHistory.Row last = rows.get(rows.size() - 1);
        Optional<String> instead = history.insteadOf(flag).filter(this::isWhole);
        String line = flag + " is not in " + numbers.era() + "; ";
        if (version.compareTo(came) < 0) {
            line += instead.map(mask -> "before " + came + " it is " + mask)
                    .orElseGet(() -> "it came in " + came + orNothing(history.before(flag), ", before that "));
        } else {
            String had = " (" + came + " to " + before(last.since()) + " have it)";
            line += instead.map(mask -> "it became " + mask + had)
                    .orElseGet(() -> "it went in " + last.since() + orNothing(history.after(flag), ", now ") + had);
        }
        return new IllegalArgumentException(line);
    }

    private static String orNothing(Optional<String> words, String when) {
        return words.map(text -> when + text).orElse(" and nothing stands for it here");
    }

    /** A word that is no name in any kernel. */
    IllegalArgumentException unknown(String word) {
        String near = "";
        int nearest = (MOST_SLIPS + 1) * CORE_WEIGHT;
        for (Gfp flag : numbers.names()) {
            int slips = distance(core(word), core(flag.name())) * CORE_WEIGHT + distance(upper(word), flag.name());
            if (slips < nearest) {
                nearest = slips;
                near = flag.name();
            }
        }
        return new IllegalArgumentException("'" + word + "' is no GFP flag; "
                + (near.isEmpty() ? "one looks like GFP_KERNEL or __GFP_ZERO" : "did you mean " + near + "?"));
    }

    private boolean isWhole(String mask) {
        return Stream.of(mask.split("\\|")).map(Gfp::valueOf).allMatch(numbers::has);
    }

    /** What tells names apart: without underscores in front, without the GFP that all have, in one case. */
    private static String core(String name) {
        return upper(name).replaceFirst("^_*(GFP_)?", "");
    }

    private static String upper(String name) {
        return name.toUpperCase(Locale.ROOT);
    }

    /** The release before one, of kernels from 3.0 on; no name ever went with a x.0. */
    private static String before(KernelVersion version) {
        return version.major() + "." + (version.minor() - 1);
    }

    /** How many letters must be put in, taken out or changed (Levenshtein's distance). */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
