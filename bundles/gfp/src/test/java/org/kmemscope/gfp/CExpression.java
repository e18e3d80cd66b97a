package org.kmemscope.gfp;

/** Evaluates what the preprocessor leaves of a mask: hex numbers with {@code u}, {@code |}, {@code &}, {@code ~}, brackets, casts. */
final class CExpression {
    private final String text;
    private int at;

    CExpression(String text) {
        this.text = text.replaceAll("\\(\\s*(unsigned long|gfp_t)\\s*\\)", "").replaceAll("\\s", "");
    }

    int value() {
        int value = or();
        if (at != text.length()) {
            throw new IllegalArgumentException("cannot read " + text + " from " + text.substring(at));
        }
        return value;
    }

    private int or() {
        int value = and();
        while (next('|')) {
            value |= and();
        }
        return value;
    }

    private int and() {
        int value = unary();
        while (next('&')) {
            value &= unary();
        }
        return value;
    }

    private int unary() {
        if (next('~')) {
            return ~unary();
        }
        if (next('(')) {
            int value = or();
            if (!next(')')) {
                throw new IllegalArgumentException("a bracket is open in " + text);
            }
            return value;
        }
        int start = at;
        while (at < text.length() && Character.isLetterOrDigit(text.charAt(at))) {
            at++;
        }
        return Integer.decode(text.substring(start, at).replace("u", ""));
    }

    private boolean next(char wanted) {
        boolean is = at < text.length() && text.charAt(at) == wanted;
        at += is ? 1 : 0;
        return is;
    }
}
