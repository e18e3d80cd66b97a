package org.kmemscope.machine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;
import org.kmemscope.api.trace.CallSites;

/** Texts by number, numbers by text. */
final class TextTable implements CallSites, Stateful {
    private final List<String> texts = new ArrayList<>(List.of("?"));
    private final Map<String, Integer> ids = new HashMap<>();

    @Override
    public int id(String text) {
        Integer known = ids.get(text);
        if (known != null) {
            return known;
        }
        texts.add(text);
        ids.put(text, texts.size() - 1);
        return texts.size() - 1;
    }

    @Override
    public String text(long id) {
        return id > 0 && id < texts.size() ? texts.get((int) id) : texts.get(0);
    }

    @Override
    public void save(StateWriter out) {
        out.putInt(texts.size());
        texts.forEach(out::putString);
    }

    @Override
    public void restore(StateReader in) {
        texts.clear();
        ids.clear();
        int count = in.getInt();
        for (int id = 0; id < count; id++) {
            texts.add(in.getString());
            if (id > 0) {
                ids.put(texts.get(id), id);
            }
        }
    }
}
