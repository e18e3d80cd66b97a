package org.kmemscope.itests.stress;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.kernel.KernelModule;
import org.kmemscope.api.machine.Exchange;
import org.kmemscope.api.machine.Exchange.Part;
import org.kmemscope.api.machine.ExchangeReport;
import org.kmemscope.api.machine.ExchangeState;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Machine.ContextRequest;
import org.kmemscope.api.machine.Machines;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectAllocatorProvider;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/**
 * Exchanges allocators at random moments while threads of its own work: by {@code swap}, and by stopping, starting, updating and
 * uninstalling bundles. After each exchange every object is checked. It tells what it has measured in the kernel's log.
 */
final class StressModule implements KernelModule {
    private static final int[] SIZES = {20, 40, 100, 200, 700};
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double NANOS_PER_SECOND = 1e9;

    private final BundleContext context;
    private final Map<String, Integer> kinds = new LinkedHashMap<>();
    private final List<Long> pauses = new ArrayList<>();
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final List<KmemCache> caches = new ArrayList<>();
    private List<Owner> owners = List.of();
    private Machine machine;
    private Exchange exchange;
    private Random random;
    private long taken;
    /** Nanoseconds of the processor in exchanges: what they take where nothing else runs. */
    private long worked;

    private long checked;

    StressModule(BundleContext context) {
        this.context = context;
    }

    @Override
    public String name() {
        return "exchange_stress";
    }

    private <T> T service(Class<T> type) {
        return context.getService(context.getServiceReference(type));
    }

    @Override
    public int init(Kernel kernel) {
        machine = service(Machines.class).current().orElseThrow();
        exchange = service(Exchange.class);
        int objects = Integer.parseInt(kernel.parameter("objects", "20000"));
        int swaps = Integer.parseInt(kernel.parameter("swaps", "40"));
        int workers = Integer.parseInt(kernel.parameter("threads", "3"));
        random = new Random(Long.parseLong(kernel.parameter("seed", "1")));
        try {
            run(kernel, objects, swaps, workers);
            return 0;
        } catch (IllegalStateException | IllegalArgumentException | BundleException | InvalidSyntaxException e) {
            kernel.printk("exchange_stress: %s", e);
            return -EIO;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -EIO;
        }
    }

    private void run(Kernel kernel, int objects, int swaps, int workers)
            throws BundleException, InvalidSyntaxException, InterruptedException {
        for (int i = 0; i < SIZES.length; i++) {
            int flags = (i % 2 == 0 ? SlabFlag.SLAB_HWCACHE_ALIGN.bit() : 0) | SlabFlag.SLAB_NOMERGE.bit();
            caches.add(kernel.kmemCacheCreate(
                    new CacheSpec("stress-" + SIZES[i], SIZES[i], 0, flags, ObjectConstructor.NONE)));
        }
        owners = new ArrayList<>();
        List<Integer> pids = new ArrayList<>();
        for (int i = 0; i < workers; i++) {
            Owner owner = new Owner(machine, 1000 + i, objects / workers, caches, SIZES, random.nextLong());
            owners.add(owner);
            pids.add(kernel.kthreadRun("owner-" + i, owner));
        }
        while (live() < (long) objects * 99 / 100) {
            Thread.sleep(5);
        }
        try {
            for (int i = 0; i < swaps; i++) {
                waitForSomeWork();
                machine.setContext(
                        new ContextRequest(random.nextInt(machine.profile().cpus()), ContextRequest.Kind.PROCESS));
                exchangeSomehow();
            }
        } finally {
            owners.forEach(Owner::end);
            pids.forEach(kernel::kthreadJoin);
        }
        tell(kernel);
        finish(kernel);
    }

    private long live() {
        return owners.stream().mapToLong(Owner::count).sum();
    }

    private void waitForSomeWork() throws InterruptedException {
        long until = owners.stream().mapToLong(Owner::operations).sum() + random.nextInt(3000);
        while (owners.stream().mapToLong(Owner::operations).sum() < until) {
            Thread.sleep(0, 200_000);
        }
    }

    private void exchangeSomehow() throws BundleException, InvalidSyntaxException {
        int dice = random.nextInt(20);
        if (dice < 12) {
            swap(Part.OBJECT);
        } else if (dice < 14) {
            swap(Part.PAGE);
        } else if (dice < 16) {
            stopAndStart();
        } else if (dice < 17) {
            count("updates");
            bound().update();
            check();
        } else if (dice < 18) {
            reinstall();
        } else {
            stopAll();
        }
    }

    private void count(String kind) {
        kinds.merge(kind, 1, Integer::sum);
    }

    private void swap(Part part) {
        count(part == Part.OBJECT ? "swaps" : "swaps of page");
        List<String> available = exchange.available(part);
        String successor = available.get(random.nextInt(available.size()));
        // the clock runs from when the lock is taken: how long others are kept out
        ExchangeReport report = machine.locked(() -> {
            long start = System.nanoTime();
            long work = threads.getCurrentThreadCpuTime();
            ExchangeReport done = exchange.swap(machine, part, successor);
            if (part == Part.OBJECT) {
                pauses.add(System.nanoTime() - start);
                worked += threads.getCurrentThreadCpuTime() - work;
                taken += done.taken().getOrDefault("objects", 0L);
            }
            return done;
        });
        if (!report.refusal().isEmpty()) {
            throw new IllegalStateException(report.refusal());
        }
        report.verify().orThrow();
        check();
    }

    /** The bundle of the allocator that is bound. */
    private Bundle bound() throws InvalidSyntaxException {
        String name = state().bound();
        for (ServiceReference<ObjectAllocatorProvider> reference :
                context.getServiceReferences(ObjectAllocatorProvider.class, null)) {
            ObjectAllocatorProvider provider = context.getService(reference);
            boolean mine = provider.name().equals(name);
            context.ungetService(reference);
            if (mine) {
                return reference.getBundle();
            }
        }
        throw new IllegalStateException("no bundle provides " + name);
    }

    private ExchangeState state() {
        return exchange.state(machine).get(0);
    }

    private void stopAndStart() throws BundleException, InvalidSyntaxException {
        count("stops and starts");
        Bundle bundle = bound();
        bundle.stop(Bundle.STOP_TRANSIENT);
        check();
        bundle.start(Bundle.START_TRANSIENT);
        check();
    }

    private void reinstall() throws BundleException, InvalidSyntaxException {
        count("uninstalls and installs");
        Bundle bundle = bound();
        String location = bundle.getLocation();
        bundle.uninstall();
        check();
        context.installBundle(location).start(Bundle.START_TRANSIENT);
        check();
    }

    private void stopAll() throws BundleException, InvalidSyntaxException {
        count("times without any");
        List<Bundle> stopped = new ArrayList<>();
        while (!state().bound().equals(ExchangeReport.NONE)) {
            Bundle bundle = bound();
            bundle.stop(Bundle.STOP_TRANSIENT);
            stopped.add(bundle);
            check();
        }
        for (Bundle bundle : stopped) {
            bundle.start(Bundle.START_TRANSIENT);
            check();
        }
    }

    private void check() {
        boolean bound = !state().bound().equals(ExchangeReport.NONE);
        for (Owner owner : owners) {
            checked += owner.check(bound);
        }
    }

    private void tell(Kernel kernel) {
        long[] sorted = pauses.stream().mapToLong(Long::longValue).sorted().toArray();
        double all = Arrays.stream(sorted).sum();
        kernel.printk("exchange_stress: %d objects live in all, %d of them handed over", live(), handedOver());
        kernel.printk("exchange_stress: %s", kinds);
        kernel.printk(
                "exchange_stress: %d objects checked, %d calls refused while there was no allocator",
                checked, refused());
        kernel.printk(
                "exchange_stress: pause median %s, mean %s, longest %s, of which the processor worked %s in the mean",
                millis(sorted[sorted.length / 2]),
                millis(all / sorted.length),
                millis(sorted[sorted.length - 1]),
                millis((double) worked / sorted.length));
        kernel.printk(
                "exchange_stress: %d objects taken over in %d swaps, %.0f a second of the processor's time",
                taken, sorted.length, taken / (worked / NANOS_PER_SECOND));
    }

    private static String millis(double nanos) {
        return String.format(Locale.ROOT, "%.1f ms", nanos / NANOS_PER_MILLI);
    }

    private long handedOver() {
        return state().handedOver().stream()
                .mapToLong(ExchangeState.HandedOver::objectsLeft)
                .sum();
    }

    private long refused() {
        return owners.stream().mapToLong(Owner::refused).sum();
    }

    /** Everything is freed through whoever is bound now, and nothing is left behind. */
    private void finish(Kernel kernel) {
        owners.forEach(Owner::freeAll);
        for (KmemCache cache : caches) {
            if (!kernel.kmemCacheDestroy(cache)) {
                throw new IllegalStateException("cache " + cache.name() + " is not empty");
            }
        }
        if (!state().handedOver().isEmpty()) {
            throw new IllegalStateException("left behind: " + state().handedOver());
        }
        machine.verify().orThrow();
        kernel.printk("exchange_stress: everything is freed, nothing contradicts");
    }

    @Override
    public void exit(Kernel kernel) {
        // nothing is held
    }
}
