package org.kmemscope.machine.exchange;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.kmemscope.api.machine.ExchangeState;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/** Names by small numbers, and for those of allocators, how much they have left and how much of it is not free yet. */
final class Origins implements Stateful {
    private static final int OBJECTS = 0;
    private static final int OBJECTS_LEFT = 1;
    private static final int SLABS = 2;
    private static final int SLABS_LEFT = 3;
    private static final int PAGES_LEFT = 4;
    private static final int WIDTH = 5;

    private final List<String> names = new ArrayList<>();
    private long[] numbers = new long[WIDTH];

    int number(String name) {
        int number = names.indexOf(name);
        if (number < 0) {
            number = names.size();
            names.add(name);
            numbers = Arrays.copyOf(numbers, names.size() * WIDTH);
        }
        return number;
    }

    String name(int number) {
        return names.get(number);
    }

    /** More will come from an allocator; if everything before is gone, counting begins anew. */
    void begin(int origin) {
        if (numbers[origin * WIDTH + SLABS_LEFT] == 0) {
            Arrays.fill(numbers, origin * WIDTH, (origin + 1) * WIDTH, 0);
        }
    }

    void add(int origin, long objects, long slabs, long pages) {
        int at = origin * WIDTH;
        numbers[at + OBJECTS] += objects;
        numbers[at + OBJECTS_LEFT] += objects;
        numbers[at + SLABS] += slabs;
        numbers[at + SLABS_LEFT] += slabs;
        numbers[at + PAGES_LEFT] += pages;
    }

    void freed(int origin) {
        numbers[origin * WIDTH + OBJECTS_LEFT]--;
    }

    void released(int origin, long pages) {
        numbers[origin * WIDTH + SLABS_LEFT]--;
        numbers[origin * WIDTH + PAGES_LEFT] -= pages;
    }

    /** Those of whom something is left. */
    List<ExchangeState.HandedOver> left() {
        List<ExchangeState.HandedOver> left = new ArrayList<>();
        for (int origin = 0; origin < names.size(); origin++) {
            int at = origin * WIDTH;
            if (numbers[at + SLABS_LEFT] > 0) {
                left.add(new ExchangeState.HandedOver(
                        names.get(origin),
                        numbers[at + OBJECTS],
                        numbers[at + OBJECTS_LEFT],
                        numbers[at + SLABS],
                        numbers[at + SLABS_LEFT],
                        numbers[at + PAGES_LEFT]));
            }
        }
        return left;
    }

    @Override
    public void save(StateWriter out) {
        out.putInt(names.size());
        names.forEach(out::putString);
        out.putLongs(numbers);
    }

    @Override
    public void restore(StateReader in) {
        names.clear();
        for (int left = in.getInt(); left > 0; left--) {
            names.add(in.getString());
        }
        numbers = in.getLongs();
    }
}
