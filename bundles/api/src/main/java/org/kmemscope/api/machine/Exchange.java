package org.kmemscope.api.machine;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Exchanges allocators of a machine while everything is live. In every Linux they are chosen when the kernel is built: this is
 * kmemscope's own.
 *
 * <p>Machines also follow the framework. When the bundle of an allocator is stopped, the machines that use it hand over to another
 * that is present: the one that stands first in the profile, else that with the highest service ranking, else the newest version. If there
 * is none, what is left is parked, and calls fail until a provider appears. A machine wants the provider that it was booted with, or
 * that the last {@link #swap} named: it goes back to that one as soon as it is there.
 */
@ProviderType
public interface Exchange {
    /** Names of the providers that are present, best first. */
    List<String> available(Part part);

    /**
     * Exchanges a part of a machine, under its lock. A successor that cannot take over leaves the machine as it was.
     *
     * @param successor name of a provider that is present; that of the one in use makes a fresh instance
     * @return what was done, or why the successor did not take over
     * @throws IllegalArgumentException with one line, if no such provider is present
     * @throws IllegalStateException with one line, if nothing can be exchanged at this moment: the machine is halted, or the call
     *     comes from inside of the part itself
     */
    ExchangeReport swap(Machine machine, Part part, String successor);

    /** What serves each part of a machine that can be exchanged, and what is left of those before. */
    List<ExchangeState> state(Machine machine);

    /** What can be exchanged. */
    enum Part {
        /** The object allocator: SLAB, SLUB, SLOB. */
        OBJECT("object", "object allocator"),
        /** The engine of the zones' free areas. */
        PAGE("page", "engine of free areas");

        private final String label;
        private final String title;

        Part(String label, String title) {
            this.label = label;
            this.title = title;
        }

        /** The word for it at the console and in profiles. */
        public String label() {
            return label;
        }

        /** What it is called in a sentence. */
        public String title() {
            return title;
        }
    }
}
