package org.kmemscope.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.ExchangeReport;
import org.kmemscope.api.page.PageAllocator;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.slab.SlabHandover;
import org.kmemscope.buddy.BuddyProvider;
import org.kmemscope.machine.MachineFactory;

/** How an allocator leaves a machine, and how it takes the place of another. */
interface HandoverContract extends ObjectContract {
    @TestFactory
    default Stream<DynamicTest> whoLeavesHandsOverExactlyWhatOthersHold() {
        return machines().stream()
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    TestMachine machine = TestMachine.boot(name, new BuddyProvider(), Optional.empty());
                    long free = machine.freePages();
                    ObjectAllocator objects = provider().create(machine.machine());
                    ObjectModel model = new ObjectModel(machine, objects);
                    model.addCaches();
                    new Random(7).ints(3000).forEach(model::step);
                    machine.onCpu(0);
                    SlabHandover handover = objects.detach();

                    assertThat(handover.from()).isEqualTo(provider().name());
                    assertThat(handover.lastCacheId())
                            .isGreaterThanOrEqualTo(model.caches().stream()
                                    .mapToInt(KmemCache::id)
                                    .max()
                                    .orElseThrow());
                    assertThat(handover.caches().stream().map(SlabHandover.Cache::handle))
                            .as("oldest first, and none of the allocator's own")
                            .containsExactlyElementsOf(model.caches());
                    assertThat(handover.caches())
                            .allMatch(cache ->
                                    cache.spec().name().equals(cache.handle().name()));
                    compareObjects(machine, model, handover);
                    comparePages(machine, handover, free);
                    model.check();
                }));
    }

    private static void compareObjects(TestMachine machine, ObjectModel model, SlabHandover handover) {
        Map<Long, ObjectModel.Live> missing = new HashMap<>(model.live());
        int rcu = model.caches().stream()
                .filter(cache -> cache.name().equals("rcu"))
                .mapToInt(KmemCache::id)
                .sum();
        for (SlabHandover.Block block : handover.blocks()) {
            assertThat(block.offsets()).isSorted();
            assertThat(block.offsets().length > 0 || block.afterGracePeriod())
                    .as("nobody needs the block at pfn 0x%x", block.pfn())
                    .isTrue();
            assertThat(block.sizes()).hasSameSizeAs(block.offsets());
            assertThat(block.caches()).hasSameSizeAs(block.offsets());
            boolean ofRcu = false;
            for (int i = 0; i < block.offsets().length; i++) {
                long object = machine.machine().layout().pfnToVirt(block.pfn()) + block.offsets()[i];
                ObjectModel.Live was = missing.remove(object);
                assertThat(was)
                        .as("0x%x is handed over, but nobody holds it", object)
                        .isNotNull();
                assertThat(sharesSlabs(
                                handover, block, block.caches()[i], was.cache().id()))
                        .as("0x%x is of cache %d, not %d", object, was.cache().id(), block.caches()[i])
                        .isTrue();
                assertThat((long) block.sizes()[i]).isGreaterThanOrEqualTo(was.requested());
                ofRcu |= block.caches()[i] == rcu;
            }
            assertThat(block.afterGracePeriod() || !ofRcu).isTrue();
        }
        assertThat(missing).as("held, but not handed over").isEmpty();
    }

    /** Whether two caches are one, or were merged; 0 is the cache behind kmalloc that the block is a slab of. */
    private static boolean sharesSlabs(SlabHandover handover, SlabHandover.Block block, int one, int other) {
        String slabs = slabsOf(handover, block, one);
        return one == other || !slabs.isEmpty() && slabs.equals(slabsOf(handover, block, other));
    }

    private static String slabsOf(SlabHandover handover, SlabHandover.Block block, int cache) {
        return handover.caches().stream()
                .filter(created -> created.handle().id() == cache)
                .map(SlabHandover.Cache::slabs)
                .findFirst()
                .orElse(block.slabs());
    }

    private static void comparePages(TestMachine machine, SlabHandover handover, long freeBefore) {
        PageFrames frames = machine.machine().frames();
        BitSet left = new BitSet();
        for (SlabHandover.Block block : handover.blocks()) {
            int end = block.pfn() + (1 << block.order());
            assertThat(left.get(block.pfn(), end).isEmpty())
                    .as("blocks share pfn 0x%x", block.pfn())
                    .isTrue();
            left.set(block.pfn(), end);
            assertThat(frames.count(block.pfn())).isEqualTo(1);
        }
        for (int pfn = frames.firstPfn(); pfn < frames.endPfn(); pfn++) {
            assertThat(frames.is(pfn, PageFlag.SLAB))
                    .as("PG_slab of pfn 0x%x", pfn)
                    .isFalse();
        }
        assertThat(machine.freePages())
                .as("all pages are given back but those with objects")
                .isEqualTo(freeBefore - left.cardinality());
        Findings findings = new Findings();
        machine.machine().pages().verify(findings);
        assertThat(findings.problems()).isEmpty();
        handover.blocks().forEach(block -> machine.machine().pages().freePages(block.pfn(), block.order()));
        assertThat(machine.freePages()).isEqualTo(freeBefore);
    }

    @TestFactory
    default Stream<DynamicTest> whoComesAnswersToTheHandlesOfTheOneBefore() {
        return machines().stream()
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    TestMachine machine = TestMachine.boot(name, new BuddyProvider(), Optional.empty());
                    PageAllocator pages = machine.machine().pages();
                    int foreign = pages.allocPages(machine.gfp(Gfp.GFP_KERNEL), 1);
                    long object = machine.machine().layout().pfnToVirt(foreign) + 64;
                    machine.kernel().memset(object, 0x5c, 500);
                    List<Long> constructed = new ArrayList<>();
                    KmemCache plain = new KmemCache(17, "plain");
                    KmemCache made = new KmemCache(5, "made");
                    SlabHandover handover = new SlabHandover(
                            "another",
                            23,
                            List.of(
                                    new SlabHandover.Cache(
                                            plain, new CacheSpec("plain", 52, 0, 0, ObjectConstructor.NONE), ""),
                                    new SlabHandover.Cache(
                                            made,
                                            new CacheSpec(
                                                    "made",
                                                    500,
                                                    128,
                                                    SlabFlag.SLAB_TYPESAFE_BY_RCU.bit(),
                                                    constructed::add),
                                            "made")),
                            List.of(new SlabHandover.Block(
                                    foreign, 1, new int[] {64}, new int[] {500}, new int[] {5}, "", true)));

                    ObjectAllocator objects = provider().create(machine.machine(), handover);
                    assertThat(objects.cache("plain")).isEqualTo(plain);
                    assertThat(objects.cache("made")).isEqualTo(made);
                    assertThat(objects.objectSize(plain)).isGreaterThanOrEqualTo(52);
                    int gfp = machine.gfp(Gfp.GFP_KERNEL);
                    long own = objects.allocObject(made, gfp);
                    assertThat(own % 128).isZero();
                    assertThat(constructed).contains(own).doesNotContain(object);
                    assertThat(own >>> Profile.PAGE_SHIFT).isNotEqualTo(object >>> Profile.PAGE_SHIFT);
                    objects.freeObject(made, own);
                    assertThat(objects.createCache(new CacheSpec("new", 100, 0, 0, ObjectConstructor.NONE))
                                    .id())
                            .as("numbers of the one before are not given again")
                            .isGreaterThan(23);
                    assertThat(objects.destroyCache(plain)).isTrue();
                    assertThat(objects.objectAt(object)).isEmpty();
                    assertThat(machine.kernel().read(object, 500)).containsOnly(0x5c);
                    Findings findings = new Findings();
                    objects.verify(findings);
                    pages.verify(findings);
                    assertThat(findings.problems()).isEmpty();
                }));
    }

    @TestFactory
    default Stream<DynamicTest> anExchangeInMidWorkLosesNothing() {
        return onEachMachine(machine -> {
            ObjectModel model = new ObjectModel(machine);
            model.addCaches();
            Random random = new Random(9);
            for (int exchange = 0; exchange < 4; exchange++) {
                random.ints(1000).forEach(model::step);
                machine.onCpu(0);
                ExchangeReport report = MachineFactory.exchange(machine.machine(), provider());
                assertThat(report.refusal()).isEmpty();
                assertThat(report.verify().problems()).isEmpty();
                model.check();
            }
            random.ints(1000).forEach(model::step);
            machine.verify();
            model.freeAll();
            machine.machine().tick(2);
            assertThat(MachineFactory.exchangeState(machine.machine()).stream()
                            .flatMap(state -> state.handedOver().stream())
                            .filter(left -> left.pagesLeft() > 0))
                    .as("pages of those before go back when their last object does")
                    .isEmpty();
            model.caches().forEach(cache -> assertThat(machine.objects().destroyCache(cache))
                    .isTrue());
        });
    }
}
