package org.kmemscope.machine;

import java.util.List;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.view.AddressFact;

/** In which part of the address space an address lies. */
final class LayoutFacts {
    private static final long END = 1L << 32;
    private static final String INIT = ".init";

    private final AddressLayout layout;

    LayoutFacts(AddressLayout layout) {
        this.layout = layout;
    }

    void describe(long virt, List<AddressFact> facts) {
        facts.add(new AddressFact("address space", part(virt)));
    }

    private String part(long virt) {
        if (virt < 0 || virt >= END) {
            return "no 32-bit address";
        }
        if (layout.isLinear(virt)) {
            return String.format("linear map of low memory, physical 0x%08x%s", layout.virtToPhys(virt), section(virt));
        }
        for (AddressLayout.Region region : layout.regions()) {
            if (virt >= region.start() && virt < region.end() && !region.name().equals("lowmem")) {
                return String.format("%s, 0x%08x - 0x%08x", region.name(), region.start(), region.end());
            }
        }
        if (virt >= layout.highMemory() && virt < layout.vmallocStart()) {
            return "hole between low memory and the vmalloc area";
        }
        return virt < layout.pageOffset() ? "user space" : "hole";
    }

    /** The section of the kernel's image that an address of the linear mapping lies in. {@code .init} is given back after boot. */
    private String section(long virt) {
        return layout.regions().stream()
                .filter(region ->
                        region.name().startsWith(".") && !region.name().equals(INIT))
                .filter(region -> virt >= region.start() && virt < region.end())
                .findFirst()
                .map(region -> ", " + region.name() + " of the kernel")
                .orElse("");
    }
}
