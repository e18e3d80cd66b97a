package org.kmemscope.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.kmemscope.api.error.MissingPart;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.machine.Exchange.Part;
import org.kmemscope.api.machine.ExchangeReport;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Machine.ContextRequest;
import org.kmemscope.api.machine.Provenance;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectAllocatorProvider;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.view.ObjectView;
import org.kmemscope.api.zone.FreeAreaProvider;
import org.kmemscope.machine.MachineFactory;

/**
 * Random work of several users on several CPUs, with exchanges of every allocator for every other in between, against a model that knows
 * nothing but who has which bytes. After each exchange every object is looked at: bytes, usable size, size and place of the request, cache.
 */
class ExchangePropertyIT {
    private static final ShippedParts PARTS = new ShippedParts();
    private static final String[] MACHINES = {
        "i386-32m,cpus=1",
        "linux-2.6.38-mlinux,mem=128M,cpus=4",
        "linux-6.1-686-pae,mem=256M,cpus=2",
        "linux-2.6.29-goldfish,mem=96M",
        "linux-6.1-686,mem=128M,slub_debug=FZPU",
        "arm-exynos4412,cpus=4"
    };
    private static final int STEPS = 400;
    private static final int MOST_LIVE = 400;
    private static final long UNKNOWN = -1;
    private static final int[] SIZES = {20, 24, 64, 200, 700, 1400, 4096};

    /** What somebody holds. */
    private record Held(long size, long usable, KmemCache cache, Optional<Provenance.Origin> origin, byte stamp) {}

    /** A cache and whether its objects are constructed. */
    private record Created(KmemCache handle, int size, boolean constructed) {}

    private static final class Model {
        final Random random;
        final TreeMap<Long, Held> held = new TreeMap<>();
        final List<Created> caches = new ArrayList<>();
        final List<Long> areas = new ArrayList<>();
        final List<ObjectAllocatorProvider> objects = PARTS.objectAllocators();
        final List<FreeAreaProvider> engines = PARTS.freeAreas();
        Machine machine;
        int created;
        int exchanges;

        Model(String specification, long seed) {
            random = new Random(seed);
            machine = PARTS.boot(specification, any(objects));
            machine.provenance().enable(true);
        }

        <T> T any(List<T> of) {
            return of.get(random.nextInt(of.size()));
        }

        Kernel kernel(String site) {
            return machine.kernel(Caller.of(1, "model", site));
        }

        void step(int number) {
            int cpu = random.nextInt(machine.profile().cpus());
            machine.setContext(new ContextRequest(cpu, ContextRequest.Kind.PROCESS));
            int dice = random.nextInt(1000);
            if (dice < 20) {
                exchangeObjects();
            } else if (dice < 25) {
                exchangePages();
            } else if (dice < 30) {
                park();
            } else if (dice < 34) {
                machine = machine.fork("copy" + number);
            } else if (dice < 44) {
                machine.tick(random.nextInt(400));
            } else if (dice < 64) {
                createOrDestroy();
            } else if (dice < 84) {
                vmalloc();
            } else if (held.size() < MOST_LIVE && random.nextInt(100) < 58) {
                allocate(number);
            } else if (!held.isEmpty()) {
                free();
            }
        }

        void exchangeObjects() {
            check(MachineFactory.exchange(machine, any(objects)));
        }

        void exchangePages() {
            check(MachineFactory.exchange(machine, any(engines)));
        }

        private void check(ExchangeReport report) {
            exchanges++;
            assertThat(report.refusal()).isEmpty();
            assertThat(report.verify().problems()).isEmpty();
            checkAll();
        }

        private void park() {
            if (MachineFactory.exchangeState(machine).get(0).parked().isEmpty()) {
                check(MachineFactory.park(machine, Part.OBJECT));
                try {
                    kernel("parked").kmalloc(64, Gfp.GFP_KERNEL);
                    throw new AssertionError("there is no allocator");
                } catch (MissingPart expected) {
                    assertThat(expected).hasMessageContaining("no object allocator");
                }
            }
            exchangeObjects();
        }

        private void createOrDestroy() {
            if (caches.size() < 8 && random.nextBoolean()) {
                int bits = 0;
                for (SlabFlag flag : List.of(
                        SlabFlag.SLAB_HWCACHE_ALIGN, SlabFlag.SLAB_RECLAIM_ACCOUNT, SlabFlag.SLAB_TYPESAFE_BY_RCU)) {
                    bits |= random.nextInt(4) == 0 ? flag.bit() : 0;
                }
                int size = SIZES[random.nextInt(SIZES.length)];
                boolean constructed = random.nextInt(4) == 0;
                String name = "model-" + created++;
                Machine of = machine;
                ObjectConstructor constructor = constructed
                        ? object -> of.kernel(Caller.of(1, "ctor", name)).write32(object, size)
                        : ObjectConstructor.NONE;
                // a constructor of the machine that was copied writes to that one: such machines have none
                KmemCache handle = kernel(name)
                        .kmemCacheCreate(new CacheSpec(
                                name,
                                size,
                                0,
                                bits,
                                machine.name().equals("test") ? constructor : ObjectConstructor.NONE));
                assertThat(handle.id()).isPositive();
                caches.add(new Created(handle, size, constructed));
            } else if (!caches.isEmpty()) {
                Created cache = any(caches);
                boolean empty =
                        held.values().stream().noneMatch(of -> of.cache().equals(cache.handle()));
                // merged caches are let go with objects that others may free
                if (empty) {
                    assertThat(kernel("destroy").kmemCacheDestroy(cache.handle()))
                            .as("%s is empty", cache)
                            .isTrue();
                    caches.remove(cache);
                }
            }
        }

        private void vmalloc() {
            if (areas.size() < 10 && random.nextBoolean()) {
                long area = kernel("vmalloc").vmalloc(1 + random.nextInt(40000));
                if (area != 0) {
                    areas.add(area);
                }
            } else if (!areas.isEmpty()) {
                kernel("vfree").vfree(areas.remove(random.nextInt(areas.size())));
            }
        }

        private void allocate(int number) {
            String site = "place-" + number;
            Kernel kernel = kernel(site);
            boolean fromCache = !caches.isEmpty() && random.nextBoolean();
            Created cache = fromCache ? any(caches) : new Created(KmemCache.NONE, 0, false);
            long size = fromCache ? cache.size() : 1 + random.nextInt(1 << random.nextInt(16));
            long object = fromCache
                    ? kernel.kmemCacheAlloc(cache.handle(), Gfp.GFP_KERNEL)
                    : kernel.kmalloc(size, Gfp.GFP_KERNEL);
            if (object == 0) {
                return;
            }
            Map.Entry<Long, Held> before = held.lowerEntry(object + size);
            assertThat(before == null || before.getKey() + before.getValue().size() <= object)
                    .as(
                            "object 0x%x of %d bytes shares some with 0x%x",
                            object, size, before == null ? 0 : before.getKey())
                    .isTrue();
            byte stamp = (byte) (number | 1);
            kernel.memset(object, stamp, size);
            held.put(
                    object,
                    new Held(
                            size,
                            fromCache ? UNKNOWN : machine.objects().ksize(object),
                            cache.handle(),
                            machine.provenance().object(object),
                            stamp));
        }

        private void free() {
            long[] objects = held.keySet().stream().mapToLong(Long::longValue).toArray();
            long object = objects[random.nextInt(objects.length)];
            Held was = held.remove(object);
            checkBytes(object, was);
            if (was.cache().id() == 0 || random.nextInt(10) == 0 && !isSlob()) {
                kernel("free").kfree(object);
            } else {
                kernel("free").kmemCacheFree(was.cache(), object);
            }
        }

        /** SLOB cannot tell what an object of a cache is when it is given to {@code kfree()}. */
        private boolean isSlob() {
            return objects.stream().anyMatch(provider -> provider.name().equals("slob"));
        }

        private void checkBytes(long object, Held was) {
            byte[] bytes = new byte[(int) was.size()];
            Arrays.fill(bytes, was.stamp());
            assertThat(kernel("check").read(object, bytes.length))
                    .as("bytes of 0x%x", object)
                    .isEqualTo(bytes);
        }

        void checkAll() {
            held.forEach((object, was) -> {
                checkBytes(object, was);
                if (machine.objects().objectAt(object).isPresent()) {
                    ObjectView view =
                            machine.objects().objectAt(object + was.size() - 1).orElseThrow();
                    assertThat(view.address()).isEqualTo(object);
                    assertThat(view.state()).isIn(ObjectView.State.ALLOCATED, ObjectView.State.LARGE);
                }
                machine.provenance().object(object).ifPresent(origin -> assertThat(was.origin())
                        .contains(origin));
            });
        }

        /** Usable sizes can be asked for of what came from kmalloc: SLOB knows no other. */
        void checkSizes() {
            held.forEach((object, was) -> {
                if (was.usable() != UNKNOWN) {
                    assertThat(machine.objects().ksize(object))
                            .as("0x%x", object)
                            .isEqualTo(was.usable());
                }
            });
        }

        void end() {
            checkSizes();
            while (!held.isEmpty()) {
                free();
            }
            areas.forEach(kernel("end")::vfree);
            machine.tick(2);
            assertThat(machine.verify().problems()).isEmpty();
            for (Created cache : caches) {
                assertThat(kernel("end").kmemCacheDestroy(cache.handle())).isTrue();
            }
        }
    }

    @Property(tries = 12, shrinking = ShrinkingMode.OFF)
    void nothingIsLostInAnyOrderOfExchanges(@ForAll long seed, @ForAll @IntRange(max = 5) int which) {
        Model model = new Model(MACHINES[which], seed);
        for (int step = 0; step < STEPS; step++) {
            model.step(step);
        }
        model.exchangeObjects();
        model.end();
        assertThat(model.exchanges).isPositive();
    }
}
