package org.kmemscope.gfp;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.page.MigrateType;
import org.kmemscope.api.page.MigrateTypes;

/** The migrate types of one kernel: a row of the file {@code migratetypes.txt}, which explains its own form. */
final class Mobility {
    private Mobility() {}

    /** The migrate types of a kernel, from the lines of the file. */
    static MigrateTypes of(List<String> file, KernelVersion version, KernelConfig config) {
        List<MigrateType> types = new ArrayList<>();
        for (String line : file) {
            String[] fields = line.split("\\s+");
            if (KernelVersion.parse(fields[0]).compareTo(version) > 0) {
                break;
            }
            types.clear();
            Stream.of(fields).skip(1).forEach(entry -> add(types, entry, config));
        }
        return new MigrateTypes(types);
    }

    private static void add(List<MigrateType> types, String entry, KernelConfig config) {
        String[] typeAndOptions = entry.split("\\?");
        boolean always = typeAndOptions.length == 1;
        if (always || Stream.of(typeAndOptions[1].split(",")).anyMatch(config::is)) {
            types.add(MigrateType.valueOf(typeAndOptions[0]));
        }
    }
}
