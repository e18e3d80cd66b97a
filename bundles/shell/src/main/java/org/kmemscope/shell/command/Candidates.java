package org.kmemscope.shell.command;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.dma.DmaPool;
import org.kmemscope.api.error.KernelException;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.machine.Exchange;
import org.kmemscope.api.machine.Exchange.Part;
import org.kmemscope.api.machine.ExchangeState;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Machines.ProfileInfo;
import org.kmemscope.api.page.PageAllocator.Tunable;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.view.CachedFileView;
import org.kmemscope.api.view.DmaChannelView;
import org.kmemscope.api.view.ModuleView;
import org.kmemscope.api.view.SlabCacheView;
import org.kmemscope.api.view.TaskView;
import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/**
 * Words that can stand at a place of a command line, for completion. picocli names one of these classes at each parameter; they look
 * at the machine when they are asked.
 */
final class Candidates {
    /** What can follow the name of a profile, behind a comma. */
    static final List<String> BOOT_OPTIONS = List.of("mem=", "cpus=", "vmalloc=", "highmem=", "cma=");

    private Candidates() {}

    /** Words that depend on what is there. */
    abstract static class Words implements Iterable<String> {
        private Desk desk;

        abstract Stream<String> words(Desk desk);

        @Override
        public Iterator<String> iterator() {
            return (desk == null ? Stream.<String>empty() : words(desk)).iterator();
        }
    }

    /** Words of the current machine; none if there is none, or if it lacks the part that is asked. */
    abstract static class MachineWords extends Words {
        abstract Stream<String> words(Machine machine);

        @Override
        final Stream<String> words(Desk desk) {
            Optional<Machine> machine = desk.machines().current();
            try {
                return machine.map(this::words).orElse(Stream.empty());
            } catch (KernelException e) {
                // without the part there is nothing to choose from
                return Stream.empty();
            }
        }
    }

    /** Makes candidates that know the desk. */
    static IFactory factory(Desk desk) {
        IFactory plain = CommandLine.defaultFactory();
        return new IFactory() {
            @Override
            public <K> K create(Class<K> type) throws Exception {
                K made = plain.create(type);
                if (made instanceof Words words) {
                    words.desk = desk;
                }
                return made;
            }
        };
    }

    /** Profiles. */
    static final class Profiles extends Words {
        @Override
        Stream<String> words(Desk desk) {
            return desk.machines().profiles().stream().map(ProfileInfo::name);
        }
    }

    /** Machines that run. */
    static final class Running extends Words {
        @Override
        Stream<String> words(Desk desk) {
            return desk.machines().machines().stream().map(Machine::name);
        }
    }

    /** Bundles. */
    static final class BundleNames extends Words {
        @Override
        Stream<String> words(Desk desk) {
            return desk.bundles().names().stream();
        }
    }

    /** What can be exchanged, and what is in use. */
    static final class ExchangeParts extends Words {
        @Override
        Stream<String> words(Desk desk) {
            Stream<String> bound = desk.machines().current().stream()
                    .flatMap(machine -> desk.find(Exchange.class).stream()
                            .flatMap(exchange -> exchange.state(machine).stream())
                            .map(ExchangeState::bound));
            return Stream.concat(Arrays.stream(Part.values()).map(Part::label), bound);
        }
    }

    /** Allocators that are present. */
    static final class AllocatorNames extends Words {
        @Override
        Stream<String> words(Desk desk) {
            return desk.find(Exchange.class).stream().flatMap(exchange -> Arrays.stream(Part.values())
                    .flatMap(part -> exchange.available(part).stream()));
        }
    }

    /** Object allocators that are present. */
    static final class ObjectAllocators extends Words {
        @Override
        Stream<String> words(Desk desk) {
            return desk.find(Exchange.class).stream().flatMap(exchange -> exchange.available(Part.OBJECT).stream());
        }
    }

    /** Engines of free areas that are present. */
    static final class FreeAreaEngines extends Words {
        @Override
        Stream<String> words(Desk desk) {
            return desk.find(Exchange.class).stream().flatMap(exchange -> exchange.available(Part.PAGE).stream());
        }
    }

    /** Modules that can be loaded. */
    static final class InstalledModules extends Words {
        @Override
        Stream<String> words(Desk desk) {
            return desk.modules().installed().stream();
        }
    }

    /** Modules that are loaded. */
    static final class LoadedModules extends MachineWords {
        @Override
        Stream<String> words(Machine machine) {
            return machine.modules().list().stream().map(ModuleView::name);
        }
    }

    /** Commands. */
    static final class Commands extends Words {
        @Override
        Stream<String> words(Desk desk) {
            return Catalog.names().stream();
        }
    }

    /** GFP flags of the kernel. */
    static final class GfpFlags extends MachineWords {
        @Override
        Stream<String> words(Machine machine) {
            return machine.gfp().names().stream().map(Gfp::name);
        }
    }

    /** Flags of caches. */
    static final class SlabFlags extends Words {
        @Override
        Stream<String> words(Desk desk) {
            return Arrays.stream(SlabFlag.values()).map(SlabFlag::name);
        }
    }

    /** Caches. */
    static final class CacheNames extends MachineWords {
        @Override
        Stream<String> words(Machine machine) {
            return machine.views().slabCaches().stream().map(SlabCacheView::name);
        }
    }

    /** Slots of kmap_atomic. */
    static final class AtomicSlots extends MachineWords {
        @Override
        Stream<String> words(Machine machine) {
            List<String> slots = machine.locked(() -> machine.highmem().atomicSlots());
            return slots.stream();
        }
    }

    /** Devices. */
    static final class DeviceNames extends MachineWords {
        @Override
        Stream<String> words(Machine machine) {
            List<DmaDevice> devices = machine.locked(() -> machine.dma().devices());
            return Stream.concat(devices.stream().map(DmaDevice::name), Stream.of(Devices.NULL));
        }
    }

    /** Channels of DMA engines. */
    static final class ChannelNames extends MachineWords {
        @Override
        Stream<String> words(Machine machine) {
            List<DmaChannelView> channels = machine.locked(() -> machine.dma().channels());
            return channels.stream().map(DmaChannelView::name);
        }
    }

    /** Pools of coherent memory. */
    static final class DmaPoolNames extends MachineWords {
        @Override
        Stream<String> words(Machine machine) {
            return DmaPools.known(machine).map(DmaPool::name);
        }
    }

    /** Tunables. */
    static final class Tunables extends MachineWords {
        @Override
        Stream<String> words(Machine machine) {
            return Sysctls.all(machine).stream().map(Tunable::name).map(name -> "vm." + name);
        }
    }

    /** Simulated tasks. */
    static final class Pids extends MachineWords {
        @Override
        Stream<String> words(Machine machine) {
            List<TaskView> tasks = machine.locked(() -> machine.userTasks().tasks());
            return tasks.stream().map(TaskView::pid).map(String::valueOf);
        }
    }

    /** Files in memory. */
    static final class CachedFiles extends MachineWords {
        @Override
        Stream<String> words(Machine machine) {
            List<CachedFileView> files =
                    machine.locked(() -> machine.reclaim().pageCache().files());
            return files.stream().map(CachedFileView::name);
        }
    }

    /** Events. */
    static final class Events extends Words {
        @Override
        Stream<String> words(Desk desk) {
            return TraceCommand.names().stream();
        }
    }
}
