package org.kmemscope.machine.profile;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.Sizes;

/**
 * The keys of one JSON object, read by type. What is missing or wrong is noted, and a harmless value taken instead, so that reading
 * goes on and finds the next problem; nobody uses such a value, because {@link Problems#check} stops before.
 */
final class Fields {
    private final Node object;
    private final Problems problems;

    /**
     * Opens an object.
     *
     * @param known every key it may have; any other is a problem
     */
    Fields(Node object, Problems problems, Collection<String> known) {
        this.object = object;
        this.problems = problems;
        if (object.kind() != Node.Kind.OBJECT) {
            wrongKind(object, Node.Kind.OBJECT.toString());
        }
        for (String key : object.members().keySet()) {
            if (!known.contains(key)) {
                problems.at(object.whereKey(key), "unknown key; %s", Nearest.hint(key, known));
            }
        }
    }

    /** The object itself. */
    Node node() {
        return object;
    }

    /** Whether a key is there. */
    boolean has(String key) {
        return object.members().containsKey(key);
    }

    /** The value of a key. */
    Optional<Node> get(String key) {
        return Optional.ofNullable(object.members().get(key)).map(Node.Member::value);
    }

    /** The value of a key that must be there. */
    Optional<Node> require(String key) {
        Optional<Node> value = get(key);
        if (value.isEmpty()) {
            problems.at(object, "missing key '%s'", key);
        }
        return value;
    }

    /** Text that must be there. */
    String text(String key) {
        return require(key).map(this::textOf).orElse("");
    }

    /** Text that may be missing. */
    String text(String key, String otherwise) {
        return get(key).map(this::textOf).orElse(otherwise);
    }

    /** One of a few words; must be there. */
    String choice(String key, List<String> words) {
        Optional<Node> value = require(key);
        String text = value.map(this::textOf).orElse("");
        if (value.isPresent() && !words.contains(text)) {
            String near = Nearest.of(text, words)
                    .map(word -> "; did you mean '" + word + "'?")
                    .orElse("");
            problems.at(value.get(), "'%s' is none of %s%s", text, String.join(", ", words), near);
        }
        return words.contains(text) ? text : words.get(0);
    }

    /** True or false; may be missing. */
    boolean flag(String key, boolean otherwise) {
        return get(key).map(node -> {
                    if (node.kind() != Node.Kind.TRUTH) {
                        wrongKind(node, Node.Kind.TRUTH.toString());
                    }
                    return node.text().equals("true");
                })
                .orElse(otherwise);
    }

    /** A whole number within bounds; may be missing. */
    int integer(String key, int least, int most, int otherwise) {
        return get(key).map(node -> {
                    int number = otherwise;
                    if (node.kind() != Node.Kind.NUMBER || !node.text().matches("-?\\d{1,10}")) {
                        wrongKind(node, "a whole number");
                    } else if (Long.parseLong(node.text()) < least || Long.parseLong(node.text()) > most) {
                        problems.at(node, "%s is not within %d and %d", node.text(), least, most);
                    } else {
                        number = Integer.parseInt(node.text());
                    }
                    return number;
                })
                .orElse(otherwise);
    }

    /** A size or an address ({@code 1024M}, {@code 0x40000000}, or a plain number of bytes); may be missing. */
    long bytes(String key, long otherwise) {
        return get(key).map(this::bytesOf).orElse(otherwise);
    }

    /** The same, in whole pages. */
    long pages(String key, long otherwise) {
        long bytes = bytes(key, otherwise);
        if (has(key)) {
            requirePages(object.members().get(key).value(), bytes);
        }
        return bytes;
    }

    /** Notes a value that is no multiple of the page size. */
    void requirePages(Node node, long bytes) {
        if (bytes % Profile.PAGE_SIZE != 0) {
            problems.at(node, "%s is not a multiple of the page size (%d)", node.text(), Profile.PAGE_SIZE);
        }
    }

    /** The items of a list; none if it is missing. */
    List<Node> list(String key) {
        Optional<Node> value = get(key);
        value.filter(node -> node.kind() != Node.Kind.LIST).ifPresent(node -> wrongKind(node, "a list"));
        return value.map(Node::items).orElse(List.of());
    }

    /** An object below this one; missing is as good as empty. */
    Fields object(String key, List<String> known) {
        Node empty = new Node(
                object.file(),
                object.line(),
                object.column(),
                Node.join(object.path(), key),
                Node.Kind.OBJECT,
                "",
                java.util.Map.of(),
                List.of());
        return new Fields(get(key).orElse(empty), problems, known);
    }

    /** The text of a value. */
    String textOf(Node node) {
        if (node.kind() != Node.Kind.TEXT) {
            wrongKind(node, "text");
        }
        return node.text();
    }

    /** The bytes of a size or an address. */
    long bytesOf(Node node) {
        if (node.kind() != Node.Kind.TEXT && node.kind() != Node.Kind.NUMBER) {
            wrongKind(node, "a size such as \"1024M\", or an address such as \"0x40000000\"");
            return 0;
        }
        try {
            return Sizes.parse(node.text());
        } catch (IllegalArgumentException e) {
            problems.at(node, "%s", e.getMessage());
            return 0;
        }
    }

    private void wrongKind(Node node, String wanted) {
        String found = node.kind() == Node.Kind.TEXT
                ? "\"" + node.text() + "\""
                : node.kind().toString();
        problems.at(node, "must be %s, and is %s", wanted, found);
    }
}
