package org.kmemscope.api.view;

/**
 * A file in the page cache. Sizes are pages.
 *
 * @param name name
 * @param cached in memory
 * @param active of these, on an active list
 * @param dirty of these, to be written
 * @param writeback of these, being written
 * @param locked of these, locked into memory
 */
public record CachedFileView(String name, long cached, long active, long dirty, long writeback, long locked) {}
