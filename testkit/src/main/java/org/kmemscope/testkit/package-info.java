/**
 * What an allocator must do, as tests. A test class of an allocator extends {@link org.kmemscope.testkit.ObjectAllocatorContract} or
 * {@link org.kmemscope.testkit.FreeAreaContract} and names its provider; the rest is inherited:
 *
 * <pre>{@code
 * class MyAllocatorContractTest extends ObjectAllocatorContract {
 *     @Override
 *     public ObjectAllocatorProvider provider() {
 *         return new MyProvider();
 *     }
 * }
 * }</pre>
 *
 * <p>The machines the tests run on are made with plain {@code new}, see {@link org.kmemscope.testkit.TestMachine}; no framework is needed.
 */
package org.kmemscope.testkit;
