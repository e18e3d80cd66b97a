package org.kmemscope.capture.view;

import java.util.function.Supplier;

/** A value that is worked out when it is first asked for. A failure is not remembered: it comes again with the next question. */
final class Memo<T> implements Supplier<T> {
    private final Supplier<T> source;
    private T value;

    Memo(Supplier<T> source) {
        this.source = source;
    }

    @Override
    public synchronized T get() {
        if (value == null) {
            value = source.get();
        }
        return value;
    }
}
