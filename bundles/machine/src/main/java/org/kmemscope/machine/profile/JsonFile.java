package org.kmemscope.machine.profile;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads a JSON file into a tree whose every value knows its line and column. */
final class JsonFile {
    private final String file;
    private final JsonParser parser;
    private final Problems problems;
    /** Where the reader is, for errors of syntax. */
    private String path = "";

    private JsonFile(String file, JsonParser parser, Problems problems) {
        this.file = file;
        this.parser = parser;
        this.problems = problems;
    }

    /**
     * Reads a file.
     *
     * @throws ProfileException if it cannot be read, or is no JSON
     */
    static Node read(Path path) {
        try {
            return parse(path.toString(), Files.readString(path, StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            throw new ProfileException(path + ": there is no such file");
        } catch (IOException e) {
            throw new ProfileException(path + ": cannot be read (" + e.getMessage() + ")");
        }
    }

    /** Reads text; {@code file} is only for messages. */
    static Node parse(String file, String json) {
        Problems problems = new Problems();
        try (JsonParser parser = new JsonFactory().createParser(json)) {
            JsonFile reader = new JsonFile(file, parser, problems);
            try {
                if (parser.nextToken() == null) {
                    throw new ProfileException(file + ":1:1: the file is empty");
                }
                Node root = reader.value("");
                if (parser.nextToken() != null) {
                    problems.at(reader.here(parser.currentTokenLocation()), "nothing may follow the last brace");
                }
                problems.check();
                return root;
            } catch (JsonProcessingException e) {
                String message = e.getOriginalMessage().replaceAll("\\s+", " ");
                throw new ProfileException(reader.here(e.getLocation()) + ": " + message);
            }
        } catch (IOException e) {
            throw new ProfileException(file + ": cannot be read (" + e.getMessage() + ")");
        }
    }

    private String here(JsonLocation location) {
        return file + ":" + location.getLineNr() + ":" + location.getColumnNr() + (path.isEmpty() ? "" : ": " + path);
    }

    /** The value at the current token. */
    private Node value(String at) throws IOException {
        path = at;
        JsonToken token = parser.currentToken();
        JsonLocation start = parser.currentTokenLocation();
        Map<String, Node.Member> members = token == JsonToken.START_OBJECT ? members(at) : Map.of();
        List<Node> items = token == JsonToken.START_ARRAY ? items(at) : List.of();
        Node.Kind kind =
                switch (token) {
                    case START_OBJECT -> Node.Kind.OBJECT;
                    case START_ARRAY -> Node.Kind.LIST;
                    case VALUE_STRING -> Node.Kind.TEXT;
                    case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> Node.Kind.NUMBER;
                    case VALUE_TRUE, VALUE_FALSE -> Node.Kind.TRUTH;
                    default -> Node.Kind.NULL;
                };
        boolean hasText = kind != Node.Kind.OBJECT && kind != Node.Kind.LIST;
        String text = hasText ? parser.getText() : "";
        return new Node(file, start.getLineNr(), start.getColumnNr(), at, kind, text, members, items);
    }

    private Map<String, Node.Member> members(String at) throws IOException {
        Map<String, Node.Member> members = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            JsonLocation where = parser.currentTokenLocation();
            String below = Node.join(at, key);
            path = below;
            if (members.containsKey(key)) {
                problems.at(here(where), "the key is there twice");
            }
            parser.nextToken();
            members.put(key, new Node.Member(where.getLineNr(), where.getColumnNr(), value(below)));
            path = at;
        }
        return members;
    }

    private List<Node> items(String at) throws IOException {
        List<Node> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(value(at + "[" + items.size() + "]"));
            path = at;
        }
        return items;
    }
}
