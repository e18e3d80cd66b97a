package org.kmemscope.api.view;

/**
 * An object of a cache, and who has it.
 *
 * @param object the object
 * @param requested bytes that were asked for; 0 if it is free, or nobody knows
 * @param owner task and place in its code, {@code insmod (pid 7) at driver_init}; empty if it is free, or nobody knows
 */
public record SlabObjectView(ObjectView object, long requested, String owner) {}
