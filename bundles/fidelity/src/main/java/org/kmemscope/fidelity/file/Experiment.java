package org.kmemscope.fidelity.file;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A line of a module that made an experiment in the kernel: {@code EXP kmalloc flags=GFP_KERNEL size=8 ptr=0xc22d5660 ksize=8}, {@code ZONE
 * idx=0 name=DMA ...}.
 *
 * @param kind first word
 * @param name second word, if it is no field; else empty
 * @param fields what follows, by name; {@link #SECOND} is added to the name of a field that comes again
 * @param text the line
 * @param line line of the file, from 1
 */
public record Experiment(String kind, String name, Map<String, String> fields, String text, int line) {
    /** What follows the name of a field that the line had before. */
    public static final String SECOND = "#2";

    private static final Pattern FIELD = Pattern.compile("(\\S+?)=(\\S*)");

    /** Keeps what it is given; it is not modified. */
    public Experiment {
        fields = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    /** The lines of a file that begin with a word. */
    public static List<Experiment> read(List<String> lines, String kind) {
        List<Experiment> found = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith(kind + " ")) {
                found.add(of(lines.get(i), i + 1));
            }
        }
        return found;
    }

    /** One line. */
    public static Experiment of(String text, int line) {
        String[] words = text.split(" ", -1);
        Map<String, String> fields = new LinkedHashMap<>();
        for (String word : words) {
            Matcher field = FIELD.matcher(word);
            if (field.matches()) {
                String key = field.group(1);
                fields.put(fields.containsKey(key) ? key + SECOND : key, field.group(2));
            }
        }
        String name = words.length > 1 && words[1].indexOf('=') < 0 ? words[1] : "";
        return new Experiment(words[0], name, fields, text, line);
    }

    /** Whether the line has a field. */
    public boolean has(String field) {
        return fields.containsKey(field);
    }

    /** A field as it stands there. */
    public String get(String field) {
        String value = fields.get(field);
        if (value == null) {
            throw new IllegalArgumentException("line " + line + " has no field " + field + ": " + text);
        }
        return value;
    }

    /** A field that is a number. */
    public long number(String field) {
        return Text.number(get(field));
    }

    /** A field that is a number and fits an int, such as a mask or an order. */
    public int integer(String field) {
        return (int) number(field);
    }
}
