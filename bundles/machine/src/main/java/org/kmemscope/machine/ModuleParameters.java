package org.kmemscope.machine;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What {@code insmod} gave to a module, and which of it the module never asked for: most likely misspelt. */
final class ModuleParameters {
    private final Map<String, String> given;
    private final Set<String> unread;

    ModuleParameters(Map<String, String> given) {
        this.given = given;
        this.unread = new LinkedHashSet<>(given.keySet());
    }

    String get(String name, String otherwise) {
        unread.remove(name);
        return given.getOrDefault(name, otherwise);
    }

    /** All names. Somebody who asks for them all knows what to do with each. */
    List<String> names() {
        unread.clear();
        return List.copyOf(given.keySet());
    }

    /** Names that nobody has asked for, in the order they were given. */
    List<String> unread() {
        return List.copyOf(unread);
    }
}
