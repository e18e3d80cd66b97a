package org.kmemscope.shell.command;

import java.util.Locale;
import java.util.stream.Stream;
import org.kmemscope.api.error.KernelException;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.view.DmaMappingView;
import org.kmemscope.api.view.HoldingView;
import org.kmemscope.api.view.KmapView;
import org.kmemscope.api.view.VmapAreaView;

/** What is live on the current machine, by kind, for completion: a command that takes something back is offered what it can take. */
final class Live {
    private static final String PFN = "pfn:";
    private static final int COUNT_IN_USE = 2;

    private Live() {}

    /** Some of what is live. */
    abstract static class Kind extends Candidates.Words {
        abstract Stream<String> of(Desk desk, Machine machine);

        @Override
        final Stream<String> words(Desk desk) {
            return desk.machines().current().stream()
                    .flatMap(machine -> known(desk, machine))
                    .distinct()
                    .sorted();
        }

        /** A machine that lacks the part that is asked knows none. */
        private Stream<String> known(Desk desk, Machine machine) {
            try {
                return machine.locked(() -> of(desk, machine).toList()).stream();
            } catch (KernelException e) {
                return Stream.empty();
            }
        }
    }

    /** Objects of caches: those that the console was given, and those of modules. */
    static final class Objects extends Kind {
        @Override
        Stream<String> of(Desk desk, Machine machine) {
            Stream<String> held = machine.modules().list().stream()
                    .flatMap(module -> machine.modules().holdings(module.name()).stream())
                    .map(HoldingView::address)
                    .map(Live::address);
            return Stream.concat(desk.recent().stream(), held)
                    .filter(word ->
                            machine.provenance().object(Arguments.hex(word)).isPresent());
        }
    }

    /** Blocks of pages that the console was given. */
    static final class Pages extends Kind {
        @Override
        Stream<String> of(Desk desk, Machine machine) {
            return desk.recent().stream()
                    .filter(word -> word.startsWith(PFN)
                            && machine.provenance()
                                    .page((int) Arguments.hex(word.substring(PFN.length())))
                                    .isPresent());
        }
    }

    /** Areas of vmalloc and vmap. */
    static final class Areas extends Kind {
        @Override
        Stream<String> of(Desk desk, Machine machine) {
            return machine.views().vmapAreas().stream()
                    .filter(area -> area.kind() == VmapAreaView.Kind.VMALLOC || area.kind() == VmapAreaView.Kind.VMAP)
                    .map(area -> address(area.start()));
        }
    }

    /** Mappings of device registers. */
    static final class Registers extends Kind {
        @Override
        Stream<String> of(Desk desk, Machine machine) {
            return machine.views().vmapAreas().stream()
                    .filter(area -> area.kind() == VmapAreaView.Kind.IOREMAP)
                    .map(area -> address(area.start()));
        }
    }

    /** What kvfree takes. */
    static final class ObjectsAndAreas extends Candidates.Words {
        @Override
        Stream<String> words(Desk desk) {
            return Stream.of(new Objects(), new Areas()).flatMap(kind -> kind.words(desk));
        }
    }

    /** Windows of kmap_atomic. */
    static final class Windows extends Kind {
        @Override
        Stream<String> of(Desk desk, Machine machine) {
            return machine.views().kmaps().stream()
                    .filter(window -> window.pfn() >= 0 && !isPersistent(window))
                    .map(window -> address(window.virt()));
        }
    }

    /** Pages that kmap shows. */
    static final class Mapped extends Kind {
        @Override
        Stream<String> of(Desk desk, Machine machine) {
            return machine.views().kmaps().stream()
                    .filter(window -> isPersistent(window) && window.count() >= COUNT_IN_USE)
                    .map(window -> PFN + String.format("0x%x", window.pfn()));
        }
    }

    /** Coherent DMA buffers. */
    static final class Buffers extends Kind {
        @Override
        Stream<String> of(Desk desk, Machine machine) {
            return mappings(machine, true).map(buffer -> address(buffer.virt()));
        }
    }

    /** Streaming DMA mappings, by bus address. */
    static final class Handles extends Kind {
        @Override
        Stream<String> of(Desk desk, Machine machine) {
            return mappings(machine, false).map(mapping -> address(mapping.handle()));
        }
    }

    /** Everything that has a virtual address, and pages. */
    static final class Anything extends Candidates.Words {
        @Override
        Stream<String> words(Desk desk) {
            return Stream.of(new Objects(), new Pages(), new Areas(), new Windows(), new Buffers())
                    .flatMap(kind -> kind.words(desk))
                    .distinct()
                    .sorted();
        }
    }

    private static boolean isPersistent(KmapView window) {
        return window.kind().equals("pkmap");
    }

    private static Stream<DmaMappingView> mappings(Machine machine, boolean coherent) {
        return machine.views().dmaMappings().stream()
                .filter(mapping -> mapping.kind().equals("coherent") == coherent);
    }

    private static String address(long value) {
        return String.format(Locale.ROOT, "0x%08x", value);
    }
}
