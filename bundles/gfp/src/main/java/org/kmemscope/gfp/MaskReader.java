package org.kmemscope.gfp;

import java.util.Optional;
import java.util.regex.Pattern;
import org.kmemscope.api.gfp.Gfp;

/** Reads masks as people and kernels write them: names and hex numbers, joined by {@code |} or {@code +}. */
final class MaskReader {
    private static final Pattern JOINT = Pattern.compile("[|+]");
    private static final Pattern NUMBER = Pattern.compile("0[xX][0-9a-fA-F]{1,8}|0");
    private static final String NONE = "none";

    private final Numbers numbers;
    private final NameHelp help;

    MaskReader(Numbers numbers, NameHelp help) {
        this.numbers = numbers;
        this.help = help;
    }

    int read(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException(
                    "a GFP mask is missing; one looks like GFP_KERNEL|__GFP_NOWARN or 0xcc0");
        }
        int mask = 0;
        for (String part : JOINT.split(text, -1)) {
            mask |= part(part.strip(), text);
        }
        return mask;
    }

    private int part(String part, String text) {
        if (part.isEmpty()) {
            throw new IllegalArgumentException("'" + text.strip() + "' has a joint with nothing on one side; "
                    + "write one | or + between two flags");
        }
        if (Character.isDigit(part.charAt(0))) {
            return number(part);
        }
        if (part.equals(NONE)) {
            return 0;
        }
        Optional<Gfp> flag = Vocabulary.flag(part);
        if (flag.isEmpty()) {
            throw help.unknown(part);
        }
        if (!numbers.has(flag.get())) {
            throw help.notHere(flag.get());
        }
        return numbers.of(flag.get());
    }

    private static int number(String part) {
        if (!NUMBER.matcher(part).matches()) {
            throw new IllegalArgumentException("'" + part
                    + "' is no GFP mask; a number is hex, has at most 32 bits and starts with 0x, as in 0xcc0");
        }
        return part.length() == 1 ? 0 : Integer.parseUnsignedInt(part.substring(2), 16);
    }
}
