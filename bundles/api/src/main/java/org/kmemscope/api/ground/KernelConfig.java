package org.kmemscope.api.ground;

import java.util.Map;

/**
 * The build-time options of a kernel that the model depends on, by their names in {@code .config} without {@code CONFIG_}:
 * {@code HIGHMEM64G=y}, {@code NR_CPUS=32}. An option that is not there is off.
 *
 * @param options name to value
 */
public record KernelConfig(Map<String, String> options) {
    /** Keeps an unmodifiable copy. */
    public KernelConfig {
        options = Map.copyOf(options);
    }

    /** Whether an option is {@code y} (or {@code m}). */
    public boolean is(String option) {
        String value = options.get(option);
        return "y".equals(value) || "m".equals(value);
    }

    /** A numeric option, decimal or hex, or the value to take when it is not given. */
    public long number(String option, long otherwise) {
        String value = options.get(option);
        return value == null ? otherwise : Long.decode(value);
    }

    /** A numeric option that fits an int. */
    public int integer(String option, int otherwise) {
        return Math.toIntExact(number(option, otherwise));
    }

    /** Whether any form of high memory is configured. */
    public boolean highmem() {
        return is("HIGHMEM") || is("HIGHMEM4G") || is("HIGHMEM64G");
    }
}
