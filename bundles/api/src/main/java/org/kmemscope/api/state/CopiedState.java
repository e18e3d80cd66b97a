package org.kmemscope.api.state;

import java.util.ArrayList;
import java.util.List;

/** State in the memory of the host: written once, read back as often as one likes, in the same order. Arrays are copied both ways. */
public final class CopiedState implements StateWriter {
    private final List<Object> values = new ArrayList<>();

    @Override
    public void putInt(int value) {
        values.add(value);
    }

    @Override
    public void putLong(long value) {
        values.add(value);
    }

    @Override
    public void putBoolean(boolean value) {
        values.add(value);
    }

    @Override
    public void putString(String value) {
        values.add(value);
    }

    @Override
    public void putInts(int[] value) {
        values.add(value.clone());
    }

    @Override
    public void putLongs(long[] value) {
        values.add(value.clone());
    }

    @Override
    public void putBytes(byte[] value) {
        values.add(value.clone());
    }

    @Override
    public void putShared(SharedState part) {
        values.add(part);
    }

    @Override
    public void putReference(Object shared) {
        values.add(shared);
    }

    /**
     * Reads what was written, from the beginning.
     *
     * @return it throws IllegalStateException for a value of another type than the one that was written there, or behind the last
     */
    public StateReader reader() {
        return new Reader();
    }

    private final class Reader implements StateReader {
        private int at;

        private <T> T next(Class<T> type) {
            if (at == values.size()) {
                throw new IllegalStateException("the state ends after " + at + " values");
            }
            Object value = values.get(at);
            if (!type.isInstance(value)) {
                throw new IllegalStateException("value " + at + " of the state is "
                        + value.getClass().getSimpleName() + ", read as " + type.getSimpleName());
            }
            at++;
            return type.cast(value);
        }

        @Override
        public int getInt() {
            return next(Integer.class);
        }

        @Override
        public long getLong() {
            return next(Long.class);
        }

        @Override
        public boolean getBoolean() {
            return next(Boolean.class);
        }

        @Override
        public String getString() {
            return next(String.class);
        }

        @Override
        public int[] getInts() {
            return next(int[].class).clone();
        }

        @Override
        public long[] getLongs() {
            return next(long[].class).clone();
        }

        @Override
        public byte[] getBytes() {
            return next(byte[].class).clone();
        }

        @Override
        public <T extends SharedState> T getShared(Class<T> type) {
            return next(type);
        }

        @Override
        public <T> T getReference(Class<T> type) {
            return next(type);
        }
    }
}
