package org.kmemscope.shell.command;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.kmemscope.api.capture.MachineSeed;
import org.kmemscope.api.debug.WorkMeter;
import org.kmemscope.api.dma.DmaProvider;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Exchange;
import org.kmemscope.api.machine.ExchangeReport;
import org.kmemscope.api.machine.ExchangeState;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Machines;
import org.kmemscope.api.machine.ModuleLoader;
import org.kmemscope.api.slab.ObjectAllocatorProvider;
import org.kmemscope.api.view.Views;
import org.kmemscope.buddy.BuddyProvider;
import org.kmemscope.dcache.LineCacheProvider;
import org.kmemscope.debugger.WorkMeterService;
import org.kmemscope.dma.EraDmaProvider;
import org.kmemscope.gfp.EraGfpProvider;
import org.kmemscope.highmem.KernelHighmemProvider;
import org.kmemscope.machine.MachineFactory;
import org.kmemscope.machine.Providers;
import org.kmemscope.mmu.PageTableMmuProvider;
import org.kmemscope.physmem.SparseMemoryProvider;
import org.kmemscope.process.KernelProcessProvider;
import org.kmemscope.reclaim.KernelReclaimProvider;
import org.kmemscope.slab.SlabProvider;
import org.kmemscope.slub.SlubProvider;
import org.kmemscope.vmalloc.KernelVmallocProvider;
import org.kmemscope.zone.ZoneProvider;

/** A desk with machines made with plain {@code new}, and what commands print on it. */
public final class TestDesk {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final PlainServices services = new PlainServices();
    private final Desk desk;

    /** A desk whose default machine is given; its machines have reclaim, and no other floor above the page allocator. */
    public TestDesk(String machine) {
        this(machine, Optional.empty(), Optional.empty(), UnaryOperator.identity());
    }

    /**
     * A desk.
     *
     * @param more what its machines have besides
     */
    private TestDesk(
            String machine,
            Optional<ObjectAllocatorProvider> objects,
            Optional<DmaProvider> dma,
            UnaryOperator<Providers> more) {
        desk = new Desk(new PlainMachines(objects, dma, more), new NoModules(), services, machine, false, false);
    }

    /** A desk whose machines have SLAB, the vmalloc area and windows onto high memory too. */
    public static TestDesk withObjects(String machine) {
        return new TestDesk(machine, Optional.of(new SlabProvider()), Optional.empty(), UnaryOperator.identity());
    }

    /** A desk whose machines have DMA too, and the data caches that they really have. */
    static TestDesk withDma(String machine) {
        return new TestDesk(
                machine,
                Optional.of(new SlabProvider()),
                Optional.of(new EraDmaProvider()),
                providers -> providers.withCache(new LineCacheProvider()));
    }

    /** A desk whose machines have processes. */
    static TestDesk withProcesses(String machine) {
        return new TestDesk(
                machine,
                Optional.empty(),
                Optional.empty(),
                providers -> providers.withProcesses(new KernelProcessProvider()));
    }

    /** Lets commands run scripts. */
    public void runScriptsWith(Scenarios scenarios) {
        services.scenarios = Optional.of(scenarios);
    }

    /** The desk. */
    public Desk desk() {
        return desk;
    }

    public Machine machine() {
        return desk.machine();
    }

    /** Runs a command with its words; its answer. */
    public Object run(String name, String... words) {
        Catalog.Entry entry = Catalog.find(name).orElseThrow();
        return new CommandFunction(desk, entry)
                .execute(new Call(desk, "test:1", entry.verbose(), stream(out), stream(err)), List.of(words));
    }

    /** Runs a command; what it prints. */
    public String print(String name, String... words) {
        out.reset();
        run(name, words);
        return out();
    }

    /** What the last command that {@link #print} ran has printed. */
    public String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    /** What was printed on standard error. */
    String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    /** Machines without a framework. */
    private static final class PlainMachines implements Machines {
        private final MachineFactory factory = new MachineFactory(Path.of("../../config/profiles"));
        private final Map<String, Machine> machines = new LinkedHashMap<>();
        private final Optional<ObjectAllocatorProvider> objects;
        private final Optional<DmaProvider> dma;
        private final UnaryOperator<Providers> more;
        private Machine current;
        private Views opened;
        private String openedName = "";

        PlainMachines(
                Optional<ObjectAllocatorProvider> objects, Optional<DmaProvider> dma, UnaryOperator<Providers> more) {
            this.objects = objects;
            this.dma = dma;
            this.more = more;
        }

        @Override
        public List<ProfileInfo> profiles() {
            return factory.profiles();
        }

        @Override
        public Machine boot(String specification, String name) {
            var profile = factory.load(specification);
            current = factory.boot(name.isEmpty() ? profile.name() : name, profile, providers(objects));
            current.provenance().enable(true);
            machines.put(current.name(), current);
            return current;
        }

        private Providers providers(Optional<ObjectAllocatorProvider> allocator) {
            return more.apply(new Providers(
                            new SparseMemoryProvider(),
                            new PageTableMmuProvider(),
                            new EraGfpProvider(),
                            new BuddyProvider(),
                            new ZoneProvider(),
                            allocator,
                            allocator.map(present -> new KernelVmallocProvider()),
                            allocator.map(present -> new KernelHighmemProvider()),
                            dma)
                    .with(new KernelReclaimProvider()));
        }

        @Override
        public Machine boot(MachineSeed seed, String name) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Machine bootAside(Profile profile) {
            boolean slub =
                    profile.providers().getOrDefault("object", List.of("slab")).equals(List.of("slub"));
            return factory.boot(
                    "aside", profile, providers(Optional.of(slub ? new SlubProvider() : new SlabProvider())));
        }

        @Override
        public Machine bootAside(MachineSeed seed) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<Views> target() {
            return Optional.ofNullable(opened).or(() -> current().map(Machine::views));
        }

        @Override
        public void open(Views views, String name) {
            opened = views;
            openedName = name;
        }

        @Override
        public Optional<String> opened() {
            return Optional.ofNullable(opened).map(views -> openedName);
        }

        @Override
        public Optional<Machine> current() {
            return Optional.ofNullable(current);
        }

        @Override
        public List<Machine> machines() {
            return new ArrayList<>(machines.values());
        }

        @Override
        public Machine select(String name) {
            current = Optional.ofNullable(machines.get(name))
                    .orElseThrow(() -> new IllegalArgumentException("no machine is called " + name));
            opened = null;
            return current;
        }

        @Override
        public void add(Machine machine) {
            machines.put(machine.name(), machine);
        }

        @Override
        public void remove(String name) {
            machines.remove(name);
        }

        @Override
        public Map<String, List<String>> providers() {
            return Map.of("page", List.of("buddy"));
        }
    }

    /** The exchange of parts, the meter of work, and no other service. */
    private static final class PlainServices implements Services {
        private Optional<Scenarios> scenarios = Optional.empty();

        @Override
        public <T> Optional<T> find(Class<T> type) {
            if (type == Exchange.class) {
                return Optional.of(type.cast(new PlainExchange()));
            }
            return type == WorkMeter.class ? Optional.of(type.cast(new WorkMeterService())) : Optional.empty();
        }

        @Override
        public Scenarios scenarios() {
            return scenarios.orElseThrow();
        }

        @Override
        public Bundles bundles() {
            return new NoBundles();
        }
    }

    /** Exchanges buddy for another instance of it. */
    private static final class PlainExchange implements Exchange {
        @Override
        public List<String> available(Part part) {
            return part == Part.PAGE ? List.of("buddy") : List.of("slub", "slab");
        }

        @Override
        public ExchangeReport swap(Machine machine, Part part, String successor) {
            if (!available(part).contains(successor)) {
                throw new IllegalArgumentException("no started bundle provides " + successor);
            }
            return MachineFactory.exchange(machine, new BuddyProvider());
        }

        @Override
        public List<ExchangeState> state(Machine machine) {
            return MachineFactory.exchangeState(machine);
        }
    }

    /** Bundles that cannot be touched. */
    private static final class NoBundles implements Bundles {
        @Override
        public List<String> names() {
            return List.of("slab");
        }

        private static IllegalArgumentException unknown(String name) {
            return new IllegalArgumentException("no bundle is called " + name);
        }

        @Override
        public void start(String name) {
            throw unknown(name);
        }

        @Override
        public void install(Path file) {
            throw unknown(file.toString());
        }

        @Override
        public void stop(String name) {
            throw unknown(name);
        }

        @Override
        public void update(String name, Optional<Path> file) {
            throw unknown(name);
        }

        @Override
        public void uninstall(String name) {
            throw unknown(name);
        }
    }

    /** No modules. */
    private static final class NoModules implements ModuleLoader {
        @Override
        public int insmod(Machine machine, String module, Map<String, String> parameters) {
            return "broken".equals(module) ? -12 : 0;
        }

        @Override
        public List<String> rmmod(String module) {
            if ("article".equals(module)) {
                return List.of("kmalloc 0xc1000000, 40 bytes, from article");
            }
            throw new IllegalArgumentException("Module " + module + " is not currently loaded");
        }

        @Override
        public List<String> installed() {
            return List.of("article");
        }
    }
}
