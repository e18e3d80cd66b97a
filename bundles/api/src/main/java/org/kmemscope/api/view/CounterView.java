package org.kmemscope.api.view;

/**
 * A named number: a line of {@code /proc/meminfo} (kB) or {@code /proc/vmstat}.
 *
 * @param name name
 * @param value value
 */
public record CounterView(String name, long value) {}
