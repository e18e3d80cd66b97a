package org.kmemscope.machine.layout;

import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.Profile;

/** How kernels of one time and architecture lay out their address space. */
interface LayoutRule {
    /**
     * The layout of a machine.
     *
     * @throws IllegalArgumentException with one line, if the kernel could not boot
     */
    AddressLayout layout(Profile profile);
}
