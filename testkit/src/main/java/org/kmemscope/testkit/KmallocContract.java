package org.kmemscope.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.kmemscope.api.error.KernelException;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Machine.ContextRequest;
import org.kmemscope.api.page.ZoneType;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.view.ObjectView;

/** {@code kmalloc}, {@code kfree}, {@code ksize}. */
interface KmallocContract extends ObjectContract {
    @TestFactory
    default Stream<DynamicTest> everySizeGetsMemoryOfItsOwn() {
        return onEachMachine(machine -> {
            ObjectModel model = new ObjectModel(machine);
            for (int size = 1; size <= 9000; size += 1 + size / 24) {
                model.kmalloc(size);
                model.kmalloc(size);
            }
            for (long size = 16 << 10;
                    size <= Math.min(128 << 10, machine.objects().kmallocMax());
                    size *= 2) {
                model.kmalloc(size);
            }
            machine.verify();
            model.freeAll();
        });
    }

    @TestFactory
    default Stream<DynamicTest> noBytesAreAnAddressToo() {
        return onEachMachine(machine -> {
            ObjectAllocator objects = machine.objects();
            assertThat(objects.kmalloc(0, machine.gfp(Gfp.GFP_KERNEL))).isEqualTo(ObjectAllocator.ZERO_SIZE_PTR);
            assertThat(objects.ksize(ObjectAllocator.ZERO_SIZE_PTR)).isZero();
            objects.kfree(ObjectAllocator.ZERO_SIZE_PTR);
            objects.kfree(0);
        });
    }

    @TestFactory
    default Stream<DynamicTest> theLargestSizeIsServedAndMoreIsNull() {
        return onEachMachine(machine -> {
            ObjectAllocator objects = machine.objects();
            int gfp = machine.gfp(Gfp.GFP_KERNEL, Gfp.__GFP_NOWARN, Gfp.__GFP_NORETRY);
            long largest = objects.kmallocMax();
            long object = objects.kmalloc(largest, gfp);
            assertThat(object).isPositive();
            assertThat(objects.ksize(object)).isEqualTo(largest);
            objects.kfree(object);
            assertThat(objects.kmalloc(largest + 1, gfp)).isZero();
            assertThat(objects.kmalloc(1L << 32, gfp)).isZero();
            assertThat(objects.kmalloc(1L << 62, gfp)).isZero();
        });
    }

    @TestFactory
    default Stream<DynamicTest> withoutMemoryTheAnswerIsNullUntilSomeComesBack() {
        return onEachMachine(machine -> {
            ObjectAllocator objects = machine.objects();
            int gfp = machine.gfp(Gfp.GFP_KERNEL, Gfp.__GFP_NOWARN, Gfp.__GFP_NORETRY);
            long free = machine.freePages();
            List<Long> held = new ArrayList<>();
            long bytes = 0;
            for (int size : new int[] {100_000, 5000, 700, 40}) {
                for (long object = objects.kmalloc(size, gfp); object != 0; object = objects.kmalloc(size, gfp)) {
                    held.add(object);
                    bytes += size;
                }
            }
            assertThat(bytes).isGreaterThan(free * Profile.PAGE_SIZE / 2);
            machine.verify();
            held.forEach(objects::kfree);
            assertThat(objects.kmalloc(100_000, gfp)).isNotZero();
            machine.verify();
            shrinkAll(machine);
            assertThat(free - machine.freePages()).isLessThan(keptPages() + 100_000 / 2048);
        });
    }

    /** Lets every cache give its empty slabs back. */
    static void shrinkAll(TestMachine machine) {
        ObjectAllocator objects = machine.objects();
        objects.caches().stream()
                .map(view -> objects.cache(view.name()))
                .filter(cache -> cache.id() != 0)
                .forEach(objects::shrinkCache);
    }

    @TestFactory
    default Stream<DynamicTest> zeroedMeansEveryByteThatWasAskedFor() {
        return onEachMachine(machine -> {
            ObjectAllocator objects = machine.objects();
            int gfp = machine.gfp(Gfp.GFP_KERNEL, Gfp.__GFP_ZERO);
            for (int size : new int[] {1, 30, 100, 2000, 4096, 20_000}) {
                long dirty = objects.kmalloc(size, gfp);
                machine.kernel().memset(dirty, 0xff, size);
                objects.kfree(dirty);
                long object = objects.kmalloc(size, gfp);
                assertThat(machine.kernel().read(object, size)).containsOnly(0);
                objects.kfree(object);
            }
        });
    }

    @TestFactory
    default Stream<DynamicTest> aWrongPointerIsRefusedAndNothingChanges() {
        return onEachMachine(machine -> {
            ObjectAllocator objects = machine.objects();
            int gfp = machine.gfp(Gfp.GFP_KERNEL);
            for (int size : new int[] {64, 3000, 10_000}) {
                long object = objects.kmalloc(size, gfp);
                long other = objects.kmalloc(size, gfp);
                machine.kernel().memset(other, 0x5c, size);
                if (size < Profile.PAGE_SIZE || !believesLargePointers()) {
                    for (int offset : new int[] {1, 4, size / 2}) {
                        refused(() -> objects.kfree(object + offset));
                    }
                }
                machine.verify();
                objects.kfree(object);
                refused(() -> objects.kfree(object));
                machine.verify();
                assertThat(machine.kernel().read(other, size)).containsOnly(0x5c);
                objects.kfree(other);
            }
            if (!believesLargePointers()) {
                int pfn = machine.machine().pages().allocPages(gfp, 0);
                long page = machine.machine().layout().pfnToVirt(pfn);
                refused(() -> objects.kfree(page));
                refused(() -> objects.ksize(page));
                machine.machine().pages().freePages(pfn, 0);
            }
            refused(() -> objects.kfree(0x1000));
            refused(() -> objects.kfree(machine.machine().layout().vmallocStart()));
            refused(() -> objects.kfree(-1));
        });
    }

    /** A call that ends with the kernel's own words, not with a failure of the model. */
    static void refused(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(KernelException.class);
    }

    @TestFactory
    default Stream<DynamicTest> aMaskForZoneDmaGetsMemoryThatDevicesReach() {
        return onEachMachine(machine -> {
            assumeTrue(separatesZones() && machine.machine().profile().zoneDma(), "zones are not told apart");
            ObjectAllocator objects = machine.objects();
            for (int size : new int[] {20, 600, 5000}) {
                objects.kmalloc(size, machine.gfp(Gfp.GFP_KERNEL));
                long object = objects.kmalloc(size, machine.gfp(Gfp.GFP_KERNEL, Gfp.GFP_DMA));
                assertThat(zoneOf(machine, object)).isEqualTo(ZoneType.DMA);
                assertThat(zoneOf(machine, object + size - 1)).isEqualTo(ZoneType.DMA);
                objects.kfree(object);
            }
        });
    }

    /** The zone that the frame behind an object is in. */
    static ZoneType zoneOf(TestMachine machine, long object) {
        int pfn = machine.machine().layout().virtToPfn(object);
        return machine.machine().pages().zoneType(machine.machine().frames().zone(pfn));
    }

    @TestFactory
    default Stream<DynamicTest> anInterruptHandlerTakesAndGivesWithoutSleeping() {
        return onEachMachine(machine -> {
            machine.machine().setContext(new ContextRequest(0, ContextRequest.Kind.HARDIRQ));
            long object = machine.objects().kmalloc(200, machine.gfp(Gfp.GFP_ATOMIC));
            assertThat(object).isNotZero();
            machine.objects().kfree(object);
            refused(() -> machine.objects().kmalloc(200, machine.gfp(Gfp.GFP_KERNEL)));
            machine.onCpu(0);
        });
    }

    @TestFactory
    default Stream<DynamicTest> eachObjectIsToldByTheKernelsTracepoints() {
        return onEachMachine(machine -> {
            List<Long> taken = new ArrayList<>();
            List<Long> given = new ArrayList<>();
            machine.machine()
                    .trace()
                    .listen(
                            (point, header, values) -> {
                                boolean alloc = point == TracePoint.KMALLOC;
                                (alloc ? taken : given).add(values[1]);
                                assertThat(alloc && values[3] < values[2]).isFalse();
                            },
                            TracePoint.KMALLOC,
                            TracePoint.KFREE);
            long small = machine.objects().kmalloc(100, machine.gfp(Gfp.GFP_KERNEL));
            long large = machine.objects().kmalloc(9000, machine.gfp(Gfp.GFP_KERNEL));
            machine.objects().kfree(large);
            machine.objects().kfree(small);
            assertThat(taken).containsExactly(small, large);
            assertThat(given).containsExactly(large, small);
        });
    }

    @TestFactory
    default Stream<DynamicTest> anAddressLeadsToItsObject() {
        return onEachMachine(machine -> {
            for (int size : new int[] {60, 4000}) {
                long object = machine.objects().kmalloc(size, machine.gfp(Gfp.GFP_KERNEL));
                for (long address : new long[] {object, object + size / 2, object + size - 1}) {
                    ObjectView view = machine.objects().objectAt(address).orElseThrow();
                    assertThat(view.address()).isEqualTo(object);
                    assertThat(view.size()).isGreaterThanOrEqualTo(size);
                    assertThat(view.state()).isIn(ObjectView.State.ALLOCATED, ObjectView.State.LARGE);
                }
                assertThat(machine.machine().whatis(object + size / 2))
                        .anyMatch(fact -> fact.toString().contains(provider().name()));
                machine.objects().kfree(object);
                machine.objects().objectAt(object).ifPresent(view -> assertThat(view.state())
                        .isNotIn(ObjectView.State.ALLOCATED, ObjectView.State.LARGE));
            }
            assertThat(machine.objects().objectAt(0x1000)).isEmpty();
        });
    }
}
