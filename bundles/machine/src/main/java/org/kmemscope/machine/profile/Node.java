package org.kmemscope.machine.profile;

import java.util.List;
import java.util.Map;

/**
 * One value of a JSON file, and where it stands.
 *
 * @param file the file, as the user named it
 * @param line counts from 1
 * @param column counts from 1
 * @param path the keys that lead to it: {@code memory[1].start}; empty for the whole file
 * @param kind what it is
 * @param text the value of text, a number or a truth value; empty for the others
 * @param members of an object, in order of the file
 * @param items of a list
 */
record Node(
        String file,
        int line,
        int column,
        String path,
        Kind kind,
        String text,
        Map<String, Member> members,
        List<Node> items) {
    /** Kinds of JSON values. */
    enum Kind {
        OBJECT("an object"),
        LIST("a list"),
        TEXT("text"),
        NUMBER("a number"),
        TRUTH("true or false"),
        NULL("null");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    /**
     * A key of an object and its value.
     *
     * @param line of the key
     * @param column of the key
     * @param value its value
     */
    record Member(int line, int column, Node value) {}

    /** {@code file:line:column: path}, the beginning of every message about it. */
    String where() {
        return where(line, column, path);
    }

    /** The same for one of its keys. */
    String whereKey(String key) {
        Member member = members.get(key);
        return where(member.line(), member.column(), join(path, key));
    }

    private String where(int atLine, int atColumn, String atPath) {
        return file + ":" + atLine + ":" + atColumn + (atPath.isEmpty() ? "" : ": " + atPath);
    }

    /** The path of a key below another. */
    static String join(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
