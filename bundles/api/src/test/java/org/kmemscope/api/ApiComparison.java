package org.kmemscope.api;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/**
 * What has changed in one package of the API, and which version it must have for it, by the rules of OSGi:
 *
 * <ul>
 *   <li>Something is gone or is different: those who use the package must be changed. A new major version; as long as that is 0, a new
 *       minor one.
 *   <li>A method was added to what consumers implement: the same.
 *   <li>Something else was added: those who implement a provider's type must be changed. A new minor version.
 * </ul>
 *
 * @param name the package
 * @param before its version in the baseline; empty if it is new
 * @param now its version; empty if it is gone
 * @param gone lines that are not there any more
 * @param added lines that are new
 * @param breaks whether those who use it must be changed
 */
record ApiComparison(String name, String before, String now, List<String> gone, List<String> added, boolean breaks) {
    private static final String CONSUMER = ": consumer ";
    private static final String ABSTRACT = ": abstract ";
    private static final String SEPARATOR = ": ";

    /** Every package that is not as it was, or has another version. */
    static List<ApiComparison> compare(ApiListing before, ApiListing now) {
        TreeSet<String> packages = new TreeSet<>(before.versions().keySet());
        packages.addAll(now.versions().keySet());
        List<ApiComparison> changes = new ArrayList<>();
        for (String name : packages) {
            TreeSet<String> old = before.lines().getOrDefault(name, new TreeSet<>());
            TreeSet<String> present = now.lines().getOrDefault(name, new TreeSet<>());
            List<String> gone =
                    old.stream().filter(line -> !present.contains(line)).toList();
            List<String> added =
                    present.stream().filter(line -> !old.contains(line)).toList();
            boolean breaks = !gone.isEmpty() || added.stream().anyMatch(line -> isNewDuty(line, old));
            String oldVersion = before.versions().getOrDefault(name, "");
            String version = now.versions().getOrDefault(name, "");
            if (!gone.isEmpty() || !added.isEmpty() || !oldVersion.equals(version)) {
                changes.add(new ApiComparison(name, oldVersion, version, gone, added, breaks));
            }
        }
        return changes;
    }

    /** Whether a line is a method that consumers did not have to implement before. */
    private static boolean isNewDuty(String line, TreeSet<String> old) {
        String type = line.substring(0, line.indexOf(SEPARATOR));
        return line.startsWith(type + ABSTRACT) && old.stream().anyMatch(was -> was.startsWith(type + CONSUMER));
    }

    /** The least version that the package must have now; empty if it may have any. */
    String wanted() {
        if (before.isEmpty() || now.isEmpty() || gone.isEmpty() && added.isEmpty()) {
            return "";
        }
        int[] numbers = numbers(before);
        return breaks && numbers[0] > 0 ? numbers[0] + 1 + ".0.0" : numbers[0] + "." + (numbers[1] + 1) + ".0";
    }

    /** Whether its version says what has changed. */
    boolean isVersioned() {
        return wanted().isEmpty() || Arrays.compare(numbers(now), numbers(wanted())) >= 0;
    }

    private static int[] numbers(String version) {
        return Arrays.stream(version.split("\\.")).mapToInt(Integer::parseInt).toArray();
    }

    /** For a person. */
    String describe() {
        StringBuilder text = new StringBuilder(name).append(' ').append(now.isEmpty() ? "is gone" : now);
        gone.forEach(line -> text.append("\n  - ").append(line));
        added.forEach(line -> text.append("\n  + ").append(line));
        return text.toString();
    }
}
