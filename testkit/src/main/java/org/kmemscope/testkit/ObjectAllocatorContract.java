package org.kmemscope.testkit;

/**
 * What an object allocator must do, whatever it does inside. A test class extends this one and names its provider, see the package.
 *
 * <table>
 *   <caption>The parts</caption>
 *   <tr><td>{@code kmalloc}</td><td>every size; no bytes; too many; no memory; wrong pointers; ZONE_DMA; interrupts; tracepoints</td></tr>
 *   <tr><td>caches</td><td>size and alignment; names; destroying, also with objects; constructors; RCU; shrinking; views</td></tr>
 *   <tr><td>random work</td><td>against a naive model, with a check of all layers after each step; long work; a copy in the middle</td></tr>
 *   <tr><td>handover</td><td>leaving, and taking another's place</td></tr>
 *   <tr><td>hot path</td><td>no garbage on the host</td></tr>
 * </table>
 *
 * <p>What allocators may do differently is answered by methods that a subclass overrides.
 */
public abstract class ObjectAllocatorContract
        implements KmallocContract, CacheContract, RandomWorkContract, HandoverContract, HotPathContract {}
