package org.kmemscope.machine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.Function;
import org.kmemscope.api.capture.MachineSeed;
import org.kmemscope.api.dcache.DataCacheProvider;
import org.kmemscope.api.dma.DmaProvider;
import org.kmemscope.api.gfp.GfpProvider;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.highmem.HighmemProvider;
import org.kmemscope.api.machine.Exchange;
import org.kmemscope.api.machine.ExchangeReport;
import org.kmemscope.api.machine.ExchangeState;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.MachineObserver;
import org.kmemscope.api.machine.Machines;
import org.kmemscope.api.machine.ProfileSource;
import org.kmemscope.api.mmu.MmuProvider;
import org.kmemscope.api.page.PageAllocatorProvider;
import org.kmemscope.api.phys.PhysicalMemoryProvider;
import org.kmemscope.api.process.ProcessProvider;
import org.kmemscope.api.reclaim.ReclaimProvider;
import org.kmemscope.api.slab.ObjectAllocatorProvider;
import org.kmemscope.api.view.Views;
import org.kmemscope.api.vmalloc.VmallocProvider;
import org.kmemscope.api.zone.FreeAreaProvider;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/**
 * Boots machines from profiles and the providers that are present at that moment. Providers may come and go: machines exchange their
 * allocators then, see {@link Allocators}, and keep the other parts they were built with.
 */
@Component(service = {Machines.class, ProfileSource.class, Exchange.class})
public final class MachineService implements Machines, ProfileSource, Exchange {
    /** Framework property: the folder with the profiles. */
    static final String PROFILE_FOLDER = "kmemscope.profiles";

    private static final String DEFAULT_FOLDER = "config/profiles";

    private final MachineFactory factory;
    private final Map<String, Machine> machines = new LinkedHashMap<>();
    /** Machines of tools. */
    private final Set<Machine> aside = Collections.newSetFromMap(new WeakHashMap<>());

    private final Allocators allocators = new Allocators();
    private final BundleContext context;
    private Machine current;
    /** What was opened last and is no machine; null while views are of the current machine. */
    private Views opened;

    private String openedName = "";

    @Reference
    private volatile PhysicalMemoryProvider memory;

    @Reference
    private volatile MmuProvider mmu;

    @Reference
    private volatile GfpProvider gfp;

    @Reference
    private volatile PageAllocatorProvider pages;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile VmallocProvider vmalloc;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile HighmemProvider highmem;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile DmaProvider dma;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile ReclaimProvider reclaim;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile DataCacheProvider cache;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile ProcessProvider processes;

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile List<MachineObserver> observers;

    /** Started by the framework. */
    @Activate
    public MachineService(BundleContext context) {
        this.context = context;
        String folder = context.getProperty(PROFILE_FOLDER);
        factory = new MachineFactory(Path.of(folder == null ? DEFAULT_FOLDER : folder));
    }

    // ---- allocators that come and go

    /** An object allocator has come. */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void bindObjects(ObjectAllocatorProvider provider, ServiceReference<ObjectAllocatorProvider> reference) {
        allocators.objects().add(provider, reference);
        alignAll();
    }

    /** An object allocator goes. */
    void unbindObjects(ObjectAllocatorProvider provider) {
        allocators.objects().remove(provider);
        alignAll();
    }

    /** An engine of free areas has come. */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void bindFreeAreas(FreeAreaProvider provider, ServiceReference<FreeAreaProvider> reference) {
        allocators.freeAreas().add(provider, reference);
        alignAll();
    }

    /** An engine of free areas goes. */
    void unbindFreeAreas(FreeAreaProvider provider) {
        allocators.freeAreas().remove(provider);
        alignAll();
    }

    private void alignAll() {
        // when everything is stopped, nobody is left for whom objects would have to be kept
        if (context.getBundle(0).getState() == Bundle.STOPPING
                || context.getBundle().getState() == Bundle.STOPPING) {
            return;
        }
        List<Machine> all;
        synchronized (this) {
            all = new ArrayList<>(machines.values());
            all.addAll(aside);
        }
        // without this object's lock, which those may want who are in a kernel call
        all.forEach(allocators::align);
    }

    @Override
    public List<String> available(Part part) {
        return allocators.available(part);
    }

    @Override
    public ExchangeReport swap(Machine machine, Part part, String successor) {
        return allocators.swap(machine, part, successor);
    }

    @Override
    public List<ExchangeState> state(Machine machine) {
        return allocators.state(machine);
    }

    // ---- machines

    @Override
    public List<ProfileInfo> profiles() {
        return factory.profiles();
    }

    @Override
    public Optional<Profile> byRelease(String release) {
        return factory.byRelease(release);
    }

    @Override
    public Machine boot(String specification, String wantedName) {
        Profile profile = factory.load(specification);
        return started(profile, wantedName, name -> factory.boot(name, profile, providers(profile)));
    }

    @Override
    public Machine boot(MachineSeed seed, String wantedName) {
        Profile profile = seed.profile();
        return started(profile, wantedName, name -> factory.boot(name, seed, providers(profile)));
    }

    @Override
    public Machine bootAside(Profile profile) {
        return keptAside(factory.boot(profile.name(), profile, providers(profile)));
    }

    @Override
    public Machine bootAside(MachineSeed seed) {
        return keptAside(factory.boot(seed.profile().name(), seed, providers(seed.profile())));
    }

    private Machine keptAside(Machine machine) {
        synchronized (this) {
            aside.add(machine);
        }
        allocators.align(machine);
        return machine;
    }

    private Machine started(Profile profile, String wantedName, Function<String, Machine> boot) {
        Machine machine;
        synchronized (this) {
            String name = wantedName.isEmpty() ? freeName(profile.name()) : wantedName;
            if (machines.containsKey(name)) {
                throw new IllegalArgumentException(
                        "there is a machine called " + name + " already; choose another name");
            }
            machine = boot.apply(name);
            machine.provenance().enable(true);
            machines.put(name, machine);
            current = machine;
            opened = null;
            observers.forEach(observer -> observer.started(machine));
        }
        // an allocator may have gone while the machine came up
        allocators.align(machine);
        return machine;
    }

    @Override
    public synchronized Optional<Views> target() {
        return opened != null ? Optional.of(opened) : current().map(Machine::views);
    }

    @Override
    public synchronized void open(Views views, String name) {
        opened = views;
        openedName = name;
    }

    @Override
    public synchronized Optional<String> opened() {
        return Optional.ofNullable(opened).map(views -> openedName);
    }

    private String freeName(String base) {
        String name = base;
        for (int i = 2; machines.containsKey(name); i++) {
            name = base + "-" + i;
        }
        return name;
    }

    private Providers providers(Profile profile) {
        return new Providers(
                memory,
                mmu,
                gfp,
                first(profile, Part.PAGE, allocators.freeAreas())
                        .orElseThrow(() -> new IllegalArgumentException("no bundle provides free areas")),
                pages,
                first(profile, Part.OBJECT, allocators.objects()),
                Optional.ofNullable(vmalloc),
                Optional.ofNullable(highmem),
                Optional.ofNullable(dma),
                Optional.ofNullable(reclaim),
                Optional.ofNullable(cache),
                Optional.ofNullable(processes));
    }

    /** The provider that stands first in the profile's list; the best other if none of those is there. */
    private static <T> Optional<T> first(Profile profile, Part part, Roster<T> roster) {
        return roster.inOrder(profile.providers().getOrDefault(part.label(), List.of())).stream()
                .findFirst();
    }

    @Override
    public synchronized Optional<Machine> current() {
        return Optional.ofNullable(current);
    }

    @Override
    public synchronized List<Machine> machines() {
        return List.copyOf(machines.values());
    }

    @Override
    public synchronized Machine select(String name) {
        current = known(name);
        opened = null;
        return current;
    }

    private Machine known(String name) {
        Machine machine = machines.get(name);
        if (machine == null) {
            throw new IllegalArgumentException("no machine is called " + name
                    + (machines.isEmpty() ? "; boot one" : "; there are " + String.join(", ", machines.keySet())));
        }
        return machine;
    }

    @Override
    public void add(Machine machine) {
        synchronized (this) {
            if (machines.putIfAbsent(machine.name(), machine) != null) {
                throw new IllegalArgumentException("there is a machine called " + machine.name() + " already");
            }
            observers.forEach(observer -> observer.started(machine));
        }
        // it may have been made when other allocators were there
        allocators.align(machine);
    }

    @Override
    public synchronized void remove(String name) {
        Machine machine = known(name);
        machines.remove(name);
        observers.forEach(observer -> observer.removed(machine));
        if (current == machine) {
            current = machines.values().stream().reduce((first, last) -> last).orElse(null);
        }
    }

    @Override
    public Map<String, List<String>> providers() {
        Map<String, List<String>> names = new LinkedHashMap<>();
        for (Part part : List.of(Part.PAGE, Part.OBJECT)) {
            names.put(part.label(), available(part).stream().sorted().toList());
        }
        List<String> services = new ArrayList<>();
        if (vmalloc != null) {
            services.add("vmalloc");
        }
        if (highmem != null) {
            services.add("highmem");
        }
        if (dma != null) {
            services.add("dma");
        }
        if (reclaim != null) {
            services.add("reclaim");
        }
        if (cache != null) {
            services.add("dcache");
        }
        if (processes != null) {
            services.add("process");
        }
        names.put("services", services);
        return names;
    }
}
