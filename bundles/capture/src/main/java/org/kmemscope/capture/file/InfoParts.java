package org.kmemscope.capture.file;

import java.util.List;
import java.util.Optional;

/**
 * Takes {@code info.txt} apart, which lies beside vectors: uname, the command line, tunables, meminfo and zoneinfo one after the other.
 */
final class InfoParts {
    private InfoParts() {}

    /** The part that a file of a kind would be. */
    static Optional<TextFile> part(TextFile info, FileKind kind) {
        List<String> lines = info.lines();
        int meminfo = first(lines, "MemTotal:");
        int zoneinfo = first(lines, "Node 0, zone");
        if (meminfo < 2 || zoneinfo < meminfo) {
            return Optional.empty();
        }
        return switch (kind) {
            case UNAME -> Optional.of(TextFile.of(info.name(), lines.subList(0, 1)));
            case CMDLINE -> Optional.of(TextFile.of(info.name(), lines.subList(1, 2)));
            case TUNABLES -> Optional.of(TextFile.of(info.name(), lines.subList(2, meminfo)));
            case MEMINFO -> Optional.of(TextFile.of(info.name(), lines.subList(meminfo, zoneinfo)));
            case ZONEINFO -> Optional.of(TextFile.of(info.name(), lines.subList(zoneinfo, lines.size())));
            default -> Optional.empty();
        };
    }

    private static int first(List<String> lines, String start) {
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith(start)) {
                return i;
            }
        }
        return -1;
    }
}
