package org.kmemscope.api.ground;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A kernel version, ordered. {@code 2.6.24.3} is 2, 6, 24; from 3.0 on the third number is the stable release, which no rule
 * depends on.
 *
 * @param major first number
 * @param minor second number
 * @param patch third number, 0 if there is none
 */
public record KernelVersion(int major, int minor, int patch) implements Comparable<KernelVersion> {
    private static final Pattern FORM = Pattern.compile("(\\d+)\\.(\\d+)(?:\\.(\\d+))?.*");

    /**
     * Reads the leading numbers of a version or release string, such as {@code 6.1.0-50-686-pae}.
     *
     * @throws IllegalArgumentException if it does not start with two numbers
     */
    public static KernelVersion parse(String text) {
        Matcher match = FORM.matcher(text);
        if (!match.matches()) {
            throw new IllegalArgumentException("'" + text + "' is no kernel version; one looks like 2.6.24 or 6.1");
        }
        int patch = match.group(3) == null ? 0 : Integer.parseInt(match.group(3));
        return new KernelVersion(Integer.parseInt(match.group(1)), Integer.parseInt(match.group(2)), patch);
    }

    /** Whether this version is the given one or newer. */
    public boolean isAtLeast(int thatMajor, int thatMinor, int thatPatch) {
        return compareTo(new KernelVersion(thatMajor, thatMinor, thatPatch)) >= 0;
    }

    /** Whether this version is the given one or newer. */
    public boolean isAtLeast(int thatMajor, int thatMinor) {
        return isAtLeast(thatMajor, thatMinor, 0);
    }

    @Override
    public int compareTo(KernelVersion that) {
        int byMajor = Integer.compare(major, that.major);
        int byMinor = Integer.compare(minor, that.minor);
        return byMajor != 0 ? byMajor : byMinor != 0 ? byMinor : Integer.compare(patch, that.patch);
    }

    @Override
    public String toString() {
        return major + "." + minor + (major < 3 || patch > 0 ? "." + patch : "");
    }
}
