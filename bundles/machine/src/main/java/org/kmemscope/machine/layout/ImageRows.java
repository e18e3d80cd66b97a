package org.kmemscope.machine.layout;

import java.util.List;
import org.kmemscope.api.ground.AddressLayout.Region;
import org.kmemscope.api.ground.ArchSpec;
import org.kmemscope.api.ground.Profile;

/** The rows of the boot log that tell where the kernel image lies in the linear mapping. */
final class ImageRows {
    private ImageRows() {}

    /** Adds the sections that are known, in the order of the kernel's log. */
    static void add(List<Region> regions, Profile profile, List<String> order) {
        ArchSpec arch = profile.arch();
        long shift = arch.pageOffset() - arch.physOffset();
        for (String name : order) {
            profile.kernel()
                    .build()
                    .section(name)
                    .ifPresent(
                            section -> regions.add(new Region(name, section.start() + shift, section.end() + shift)));
        }
    }
}
