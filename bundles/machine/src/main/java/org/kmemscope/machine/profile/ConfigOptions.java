package org.kmemscope.machine.profile;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.kmemscope.api.ground.ArchSpec.Arch;
import org.kmemscope.api.ground.KernelConfig;

/**
 * The key {@code config}: options of the kernel by their real names, checked against a list of those the model knows, because a
 * misspelt option would silently be off.
 *
 * <p>Options that Kconfig selects are added, so that a profile need not repeat them: {@code HIGHMEM4G} and {@code HIGHMEM64G} select
 * {@code HIGHMEM}, {@code HIGHMEM64G} selects {@code X86_PAE}, and i386 always has {@code X86_32}, and {@code ZONE_DMA} unless told
 * otherwise.
 */
final class ConfigOptions {
    private static final String PREFIX = "CONFIG_";
    private static final String LIST = "config-options.txt";

    /** Kinds of values, as in the list of options. */
    private enum Type {
        BOOL("y|m|n", "\"y\", \"m\" or \"n\""),
        INT("\\d{1,9}", "a whole number"),
        HEX("0[xX][0-9a-fA-F]{1,8}", "a hexadecimal number such as \"0xC0000000\"");

        private final String form;
        private final String words;

        Type(String form, String words) {
            this.form = form;
            this.words = words;
        }
    }

    private final Map<String, Type> known = readList();

    /** Reads and checks the options of a profile. */
    KernelConfig read(Optional<Node> config, Arch arch, Problems problems) {
        Map<String, String> options = new LinkedHashMap<>();
        config.ifPresent(node -> {
            if (node.kind() != Node.Kind.OBJECT) {
                problems.at(node, "must be an object such as {\"CONFIG_SMP\": \"y\"}");
            }
            node.members().forEach((key, member) -> readOne(node, key, member.value(), options, problems));
            exclusive(node, options, List.of("NOHIGHMEM", "HIGHMEM4G", "HIGHMEM64G"), problems);
            exclusive(node, options, List.of("SLAB", "SLUB", "SLOB"), problems);
            exclusive(node, options, List.of("FLATMEM", "SPARSEMEM"), problems);
        });
        return new KernelConfig(select(options, arch));
    }

    private void readOne(Node config, String key, Node value, Map<String, String> options, Problems problems) {
        String name = key.startsWith(PREFIX) ? key.substring(PREFIX.length()) : key;
        Type type = known.get(name);
        if (type == null) {
            String hint = Nearest.of(name, known.keySet())
                    .map(near -> "did you mean " + PREFIX + near + "?")
                    .orElse("docs/profiles.md lists those that matter here");
            problems.at(config.whereKey(key), "unknown option; %s", hint);
        } else if (!key.startsWith(PREFIX)) {
            problems.at(config.whereKey(key), "options are written with their prefix: %s%s", PREFIX, key);
        } else if (value.kind() == Node.Kind.OBJECT || !value.text().matches(type.form)) {
            problems.at(value, "must be %s", type.words);
        } else {
            options.put(name, value.text());
        }
    }

    private static void exclusive(Node config, Map<String, String> options, List<String> names, Problems problems) {
        List<String> on =
                names.stream().filter(name -> "y".equals(options.get(name))).toList();
        if (on.size() > 1) {
            problems.at(
                    config.whereKey(PREFIX + on.get(1)), "a kernel with %s%s cannot have it too", PREFIX, on.get(0));
        }
    }

    private static Map<String, String> select(Map<String, String> given, Arch arch) {
        Map<String, String> options = new LinkedHashMap<>(given);
        if (arch == Arch.I386) {
            options.put("X86_32", "y");
            options.putIfAbsent("ZONE_DMA", "y");
        }
        if ("y".equals(options.get("HIGHMEM64G"))) {
            options.put("X86_PAE", "y");
        }
        if ("y".equals(options.get("HIGHMEM64G")) || "y".equals(options.get("HIGHMEM4G"))) {
            options.put("HIGHMEM", "y");
        }
        options.values().removeIf("n"::equals);
        return options;
    }

    private static Map<String, Type> readList() {
        Map<String, Type> types = new LinkedHashMap<>();
        try (InputStream in = ConfigOptions.class.getResourceAsStream(LIST);
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            lines.lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .forEach(line -> {
                        String[] words = line.split(" ");
                        types.put(words[0], Type.valueOf(words[1].toUpperCase(java.util.Locale.ROOT)));
                    });
        } catch (IOException e) {
            throw new UncheckedIOException("the list of kernel options is damaged", e);
        }
        return types;
    }
}
