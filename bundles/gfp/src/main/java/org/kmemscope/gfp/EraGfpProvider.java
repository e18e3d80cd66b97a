package org.kmemscope.gfp;

import java.util.List;
import org.kmemscope.api.gfp.GfpProvider;
import org.kmemscope.api.gfp.GfpTable;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelVersion;
import org.osgi.service.component.annotations.Component;

/**
 * Makes the table of any kernel from 2.6.24 on.
 *
 * <p>Something changed in 2.6.24, 2.6.31, 2.6.34, 2.6.38, 2.6.39, 3.2, 3.3, 3.6, 3.7, 3.8, 3.16, 4.1, 4.4, 4.5, 4.6, 4.8, 4.10,
 * 4.12, 4.13, 4.14, 4.15, 4.18, 5.1, 5.14, 5.18, 6.3, 6.4 and 6.7; a release in between has the table of the last change before it.
 * The rows are complete up to 6.9: a newer kernel gets the table of 6.9, and flags that came since are printed as hex. A kernel to
 * which a distribution has carried a flag of a later one (el6 has that of transparent huge pages) prints it as hex, too.
 */
@Component
public final class EraGfpProvider implements GfpProvider {
    private final FlagHistory history = new FlagHistory();
    private final List<String> words = DataLines.read("words.txt");
    private final List<String> types = DataLines.read("migratetypes.txt");

    @Override
    public GfpTable table(KernelVersion version, KernelConfig config) {
        if (version.compareTo(FlagHistory.OLDEST) < 0) {
            throw new IllegalArgumentException(
                    "the GFP flags of " + version + " are not known; the oldest kernel is " + FlagHistory.OLDEST);
        }
        return new EraTable(history, words, types, version, config);
    }
}
