package org.kmemscope.shell.command;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.error.MissingPart;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.page.PageAllocator.Tunable;
import org.kmemscope.api.reclaim.Reclaim;

/** Values of {@code /proc/sys/vm}: those of the page allocator, and those of reclaim if the machine has it. */
final class Sysctls {
    private Sysctls() {}

    /** All of them by name. */
    static List<Tunable> all(Machine machine) {
        return machine.locked(() -> {
            List<Tunable> all = new ArrayList<>(machine.pages().tunables());
            reclaim(machine).ifPresent(reclaim -> all.addAll(reclaim.tunables()));
            all.sort(Comparator.comparing(Tunable::name));
            return all;
        });
    }

    /** Writes one; the caller holds the machine's lock. */
    static void set(Machine machine, String name, String value) {
        boolean ofReclaim = reclaim(machine).stream()
                .flatMap(reclaim -> reclaim.tunables().stream())
                .anyMatch(tunable -> tunable.name().equals(name));
        if (ofReclaim) {
            machine.reclaim().setTunable(name, value);
        } else {
            machine.pages().setTunable(name, value);
        }
    }

    private static Optional<Reclaim> reclaim(Machine machine) {
        try {
            return Optional.of(machine.reclaim());
        } catch (MissingPart e) {
            return Optional.empty();
        }
    }
}
