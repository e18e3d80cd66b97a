package org.kmemscope.mmu;

import java.util.ArrayDeque;
import java.util.Deque;
import org.kmemscope.api.state.SharedState;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;

/** The simplest carrier of state: a queue of values. */
final class QueueState implements StateWriter, StateReader {
    private final Deque<Object> values = new ArrayDeque<>();

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

    @Override
    public int getInt() {
        return (int) values.remove();
    }

    @Override
    public long getLong() {
        return (long) values.remove();
    }

    @Override
    public boolean getBoolean() {
        return (boolean) values.remove();
    }

    @Override
    public String getString() {
        return (String) values.remove();
    }

    @Override
    public int[] getInts() {
        return (int[]) values.remove();
    }

    @Override
    public long[] getLongs() {
        return (long[]) values.remove();
    }

    @Override
    public byte[] getBytes() {
        return (byte[]) values.remove();
    }

    @Override
    public <T extends SharedState> T getShared(Class<T> type) {
        return type.cast(values.remove());
    }

    @Override
    public <T> T getReference(Class<T> type) {
        return type.cast(values.remove());
    }
}
