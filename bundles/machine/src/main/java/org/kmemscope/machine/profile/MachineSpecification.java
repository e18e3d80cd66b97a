package org.kmemscope.machine.profile;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.kmemscope.api.ground.Sizes;

/**
 * What somebody asks for: {@code PROFILE[,mem=SIZE][,cpus=N][,OPTION[=VALUE]...]}. Everything but {@code mem=} and {@code cpus=} goes
 * to the kernel's command line as it is: a kernel takes any word. A word that differs by one letter from an option that shapes the
 * machine is refused, because nobody means it.
 *
 * @param profile a name, or the path of a file
 * @param mem bytes of RAM, if asked for
 * @param cpus processors, if asked for
 * @param options boot options, in order; the value of one without {@code =} is empty
 */
record MachineSpecification(String profile, Optional<Long> mem, Optional<Integer> cpus, Map<String, String> options) {
    private static final List<String> SHAPING = List.of(
            "mem",
            "cpus",
            "vmalloc",
            "highmem",
            "cma",
            "coherent_pool",
            "kernelcore",
            "movablecore",
            "slab_nomerge",
            "slub_nomerge",
            "slab_merge",
            "slub_merge",
            "slub_debug",
            "slub_min_order",
            "slub_max_order",
            "slub_min_objects",
            "slab_max_order");
    private static final String FORM = "a machine is written PROFILE[,mem=SIZE][,cpus=N][,OPTION=VALUE...]";

    /**
     * Takes a specification apart.
     *
     * @throws ProfileException if it has not that form
     */
    static MachineSpecification parse(String text) {
        String[] words = text.trim().split(",", -1);
        if (words[0].isBlank()) {
            throw new ProfileException("'" + text + "' names no profile; " + FORM);
        }
        Optional<Long> mem = Optional.empty();
        Optional<Integer> cpus = Optional.empty();
        Map<String, String> options = new LinkedHashMap<>();
        for (int i = 1; i < words.length; i++) {
            int equals = words[i].indexOf('=');
            String key = (equals < 0 ? words[i] : words[i].substring(0, equals)).trim();
            String value = equals < 0 ? "" : words[i].substring(equals + 1).trim();
            if (key.isEmpty() || key.contains(" ")) {
                throw new ProfileException("'" + words[i] + "' in '" + text + "' is no option; " + FORM);
            }
            if (key.equals("mem")) {
                mem = Optional.of(size(words[i], value));
            } else if (key.equals("cpus")) {
                cpus = Optional.of(count(words[i], value));
            } else {
                refuseSlip(words[i], key);
                options.put(key, value);
            }
        }
        return new MachineSpecification(words[0].trim(), mem, cpus, options);
    }

    private static void refuseSlip(String word, String key) {
        SHAPING.stream()
                .filter(option -> !SHAPING.contains(key) && Nearest.isSlip(key, option))
                .findFirst()
                .ifPresent(option -> {
                    throw new ProfileException(
                            word + ": no boot option is called " + key + "; did you mean " + option + "?");
                });
    }

    private static long size(String word, String value) {
        try {
            return Sizes.parse(value);
        } catch (IllegalArgumentException e) {
            throw new ProfileException(word + ": " + e.getMessage());
        }
    }

    private static int count(String word, String value) {
        if (!value.matches("[1-9]\\d{0,4}")) {
            throw new ProfileException(word + ": '" + value + "' is no number of processors");
        }
        return Integer.parseInt(value);
    }
}
