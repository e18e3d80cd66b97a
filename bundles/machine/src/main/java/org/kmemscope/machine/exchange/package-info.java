/**
 * The exchange of allocators while everything is live: what an object allocator that leaves hands over is kept here, by the machine, until it
 * is freed. No Linux can do this; it is kmemscope's own.
 */
package org.kmemscope.machine.exchange;
