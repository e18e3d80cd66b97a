package org.kmemscope.capture.file;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code oracle-const.txt}: constants of the address space and sizes of structures, read in the kernel by a module.
 *
 * @param constants numbers by their names in the kernel
 * @param words constants that are no numbers, such as {@code SLAB_ALLOCATOR}
 * @param migrateTypes names of the migrate types, by their numbers
 */
public record OracleConst(Map<String, Long> constants, Map<String, String> words, List<String> migrateTypes) {
    private static final String FORM = "CONST PAGE_OFFSET=0xc0000000";
    private static final Pattern LINE = Pattern.compile("CONST (\\S.*?)=(\\S+)( .*)?");
    private static final Pattern TYPE = Pattern.compile("MIGRATETYPE (\\d+)=(\\w+)");
    private static final Pattern OTHER = Pattern.compile("[A-Z]+ .*=.*");

    /** Keeps unmodifiable copies. */
    public OracleConst {
        constants = Collections.unmodifiableMap(new LinkedHashMap<>(constants));
        words = Collections.unmodifiableMap(new LinkedHashMap<>(words));
        migrateTypes = List.copyOf(migrateTypes);
    }

    /**
     * Reads the file.
     *
     * @throws MalformedFile if it is no list of constants, or cut
     */
    public static OracleConst read(TextFile file) {
        file.whole("'" + FORM + "'");
        Map<String, Long> constants = new LinkedHashMap<>();
        Map<String, String> words = new LinkedHashMap<>();
        List<String> types = new ArrayList<>();
        for (int i = 0; i < file.lines().size(); i++) {
            String line = file.lines().get(i).strip();
            Matcher match = LINE.matcher(line);
            Matcher type = TYPE.matcher(line);
            if (match.matches()) {
                String value = match.group(2);
                if (value.matches("0x[0-9a-f]+")) {
                    constants.put(match.group(1), file.hex(i, value.substring(2)));
                } else if (value.matches("\\d+")) {
                    constants.put(match.group(1), file.decimal(i, value));
                } else {
                    words.put(match.group(1), value);
                }
            } else if (type.matches()) {
                if (file.integer(i, type.group(1)) != types.size()) {
                    throw file.wrong(i, "a migrate type is missing", "they are numbered from 0");
                }
                types.add(type.group(2));
            } else if (!line.isEmpty() && !OTHER.matcher(line).matches()) {
                throw file.unlike(i, FORM);
            }
        }
        if (constants.isEmpty()) {
            throw file.wrong("there is no constant in it", "a line looks like '" + FORM + "'");
        }
        return new OracleConst(constants, words, types);
    }

    /** A constant, if the file has it. */
    public Optional<Long> get(String name) {
        return Optional.ofNullable(constants.get(name));
    }
}
