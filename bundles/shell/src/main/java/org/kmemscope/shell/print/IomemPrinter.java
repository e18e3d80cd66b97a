package org.kmemscope.shell.print;

import java.util.List;
import java.util.Locale;
import org.kmemscope.api.view.ResourceView;

/** {@code /proc/iomem}. */
public final class IomemPrinter {
    private IomemPrinter() {}

    /** The text of the file. */
    public static String text(List<ResourceView> resources) {
        StringBuilder out = new StringBuilder();
        for (ResourceView resource : resources) {
            out.append("  ".repeat(resource.depth()))
                    .append(String.format(
                            Locale.ROOT, "%08x-%08x : %s\n", resource.start(), resource.end(), resource.name()));
        }
        return out.toString();
    }
}
