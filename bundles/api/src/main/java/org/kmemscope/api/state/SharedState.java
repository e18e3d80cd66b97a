package org.kmemscope.api.state;

/**
 * A large piece of state (the chunks of RAM, the columns of {@code struct page}) that copies share until one of them writes.
 * Instances are frozen: whoever holds one may keep it for ever.
 */
public interface SharedState {}
