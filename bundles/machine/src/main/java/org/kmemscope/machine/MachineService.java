package org.kmemscope.machine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.kmemscope.api.capture.MachineSeed;
import org.kmemscope.api.dma.DmaProvider;
import org.kmemscope.api.gfp.GfpProvider;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.highmem.HighmemProvider;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.MachineObserver;
import org.kmemscope.api.machine.Machines;
import org.kmemscope.api.machine.ProfileSource;
import org.kmemscope.api.mmu.MmuProvider;
import org.kmemscope.api.page.PageAllocatorProvider;
import org.kmemscope.api.phys.PhysicalMemoryProvider;
import org.kmemscope.api.slab.ObjectAllocatorProvider;
import org.kmemscope.api.view.Views;
import org.kmemscope.api.vmalloc.VmallocProvider;
import org.kmemscope.api.zone.FreeAreaProvider;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/**
 * Boots machines from profiles and the providers that are present at that moment. Providers may come and go: a machine keeps the
 * parts it was built with.
 */
@Component(service = {Machines.class, ProfileSource.class})
public final class MachineService implements Machines, ProfileSource {
    /** Framework property: the folder with the profiles. */
    static final String PROFILE_FOLDER = "kmemscope.profiles";

    private static final String DEFAULT_FOLDER = "config/profiles";

    private final MachineFactory factory;
    private final Map<String, Machine> machines = new LinkedHashMap<>();
    private Machine current;
    /** What was opened last and is no machine; null while views are of the current machine. */
    private Views opened;

    @Reference
    private volatile PhysicalMemoryProvider memory;

    @Reference
    private volatile MmuProvider mmu;

    @Reference
    private volatile GfpProvider gfp;

    @Reference(
            cardinality = ReferenceCardinality.AT_LEAST_ONE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile List<FreeAreaProvider> freeAreas;

    @Reference
    private volatile PageAllocatorProvider pages;

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile List<ObjectAllocatorProvider> objects;

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
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile List<MachineObserver> observers;

    /** Started by the framework. */
    @Activate
    public MachineService(BundleContext context) {
        String folder = context.getProperty(PROFILE_FOLDER);
        factory = new MachineFactory(Path.of(folder == null ? DEFAULT_FOLDER : folder));
    }

    @Override
    public List<ProfileInfo> profiles() {
        return factory.profiles();
    }

    @Override
    public Optional<Profile> byRelease(String release) {
        return factory.byRelease(release);
    }

    @Override
    public synchronized Machine boot(String specification, String wantedName) {
        Profile profile = factory.load(specification);
        String name = wantedName.isEmpty() ? freeName(profile.name()) : wantedName;
        if (machines.containsKey(name)) {
            throw new IllegalArgumentException("there is a machine called " + name + " already; choose another name");
        }
        Machine machine = factory.boot(name, profile, providers(profile));
        return started(machine);
    }

    @Override
    public synchronized Machine boot(MachineSeed seed, String wantedName) {
        Profile profile = seed.profile();
        String name = wantedName.isEmpty() ? freeName(profile.name()) : wantedName;
        if (machines.containsKey(name)) {
            throw new IllegalArgumentException("there is a machine called " + name + " already; choose another name");
        }
        Machine machine = factory.boot(name, seed, providers(profile));
        return started(machine);
    }

    @Override
    public Machine bootAside(Profile profile) {
        return factory.boot(profile.name(), profile, providers(profile));
    }

    @Override
    public Machine bootAside(MachineSeed seed) {
        return factory.boot(seed.profile().name(), seed, providers(seed.profile()));
    }

    private Machine started(Machine machine) {
        machine.provenance().enable(true);
        machines.put(machine.name(), machine);
        current = machine;
        opened = null;
        observers.forEach(observer -> observer.started(machine));
        return machine;
    }

    @Override
    public synchronized Optional<Views> target() {
        return opened != null ? Optional.of(opened) : current().map(Machine::views);
    }

    @Override
    public synchronized void open(Views views, String name) {
        opened = views;
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
                preferred(profile, "page", freeAreas, FreeAreaProvider::name)
                        .orElseThrow(() -> new IllegalArgumentException("no bundle provides free areas")),
                pages,
                preferred(profile, "object", objects, ObjectAllocatorProvider::name),
                Optional.ofNullable(vmalloc),
                Optional.ofNullable(highmem),
                Optional.ofNullable(dma));
    }

    /** The provider that stands first in the profile's list; any other if none of those is there. */
    private static <T> Optional<T> preferred(
            Profile profile, String part, List<T> present, Function<T, String> nameOf) {
        for (String wanted : profile.providers().getOrDefault(part, List.of())) {
            for (T provider : present) {
                if (nameOf.apply(provider).equals(wanted)) {
                    return Optional.of(provider);
                }
            }
        }
        return present.stream().findFirst();
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
    public synchronized void add(Machine machine) {
        if (machines.putIfAbsent(machine.name(), machine) != null) {
            throw new IllegalArgumentException("there is a machine called " + machine.name() + " already");
        }
        observers.forEach(observer -> observer.started(machine));
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
        names.put(
                "page", freeAreas.stream().map(FreeAreaProvider::name).sorted().toList());
        names.put(
                "object",
                objects.stream().map(ObjectAllocatorProvider::name).sorted().toList());
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
        names.put("services", services);
        return names;
    }
}
