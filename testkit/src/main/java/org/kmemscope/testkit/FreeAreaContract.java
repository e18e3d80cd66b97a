package org.kmemscope.testkit;

import org.kmemscope.api.zone.FreeAreaProvider;

/**
 * What an engine of free areas must do, whichever blocks it chooses. A test class extends this one and names its provider:
 *
 * <pre>{@code
 * class MyFreeAreasContractTest extends FreeAreaContract {
 *     @Override
 *     public FreeAreaProvider provider() {
 *         return new MyFreeAreaProvider();
 *     }
 * }
 * }</pre>
 *
 * <table>
 *   <caption>The parts</caption>
 *   <tr><td>a zone by itself</td><td>blocks taken and given against a naive model; marks in {@code struct page}; counts and lists; migrate
 *       types, fallback, CMA, moving pageblocks; states that are loaded; no garbage on the host</td></tr>
 *   <tr><td>a machine on it</td><td>boot on old and new kernels, random work, a copy in the middle, an exchange for buddy and back</td></tr>
 * </table>
 */
public abstract class FreeAreaContract implements ZoneContract, PageMachineContract {
    @Override
    public abstract FreeAreaProvider provider();
}
