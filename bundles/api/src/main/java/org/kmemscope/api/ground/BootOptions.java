package org.kmemscope.api.ground;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The kernel command line: {@code vmalloc=256M slub_debug=FZPU slab_nomerge}.
 *
 * @param options name to value, in order; the value of an option without {@code =} is empty
 */
public record BootOptions(Map<String, String> options) {
    /** Keeps a copy; do not modify what was given. */
    public BootOptions {
        options = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(options));
    }

    /** Splits a command line at white space. */
    public static BootOptions parse(String commandLine) {
        Map<String, String> options = new LinkedHashMap<>();
        for (String word : commandLine.trim().split("\\s+")) {
            if (!word.isEmpty()) {
                int equals = word.indexOf('=');
                options.put(
                        equals < 0 ? word : word.substring(0, equals), equals < 0 ? "" : word.substring(equals + 1));
            }
        }
        return new BootOptions(options);
    }

    /** Whether the option stands on the line, with or without a value. */
    public boolean has(String name) {
        return options.containsKey(name);
    }

    /** The value of an option. */
    public Optional<String> get(String name) {
        return Optional.ofNullable(options.get(name));
    }

    /** The value of a size option such as {@code vmalloc=256M}, in bytes. */
    public Optional<Long> size(String name) {
        return get(name).map(Sizes::parse);
    }

    @Override
    public String toString() {
        StringBuilder line = new StringBuilder();
        options.forEach((name, value) ->
                line.append(line.isEmpty() ? "" : " ").append(name).append(value.isEmpty() ? "" : "=" + value));
        return line.toString();
    }
}
