package org.kmemscope.fidelity.vector;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.RecordedSlabs;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.slab.SlabState;
import org.kmemscope.api.slab.SlabState.CacheState;
import org.kmemscope.api.slab.SlabState.CpuState;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.view.ObjectView;
import org.kmemscope.api.view.SlabCacheView;
import org.kmemscope.fidelity.Findings;

/** Makes the calls of a SLUB or kmalloc vector on a machine. */
final class SlabPlayer implements Player {
    /** {@code slab_flags_t} of 6.1 that a caller gives. */
    private static final Map<Integer, SlabFlag> FLAGS = Map.of(
            0x2000, SlabFlag.SLAB_HWCACHE_ALIGN,
            0x4000, SlabFlag.SLAB_CACHE_DMA,
            0x20000, SlabFlag.SLAB_RECLAIM_ACCOUNT,
            0x80000, SlabFlag.SLAB_TYPESAFE_BY_RCU);

    private static final int HEX = 16;
    private static final String NO_CACHE = "-";

    private final Machine machine;
    private final SlabVector vector;
    private final ObjectAllocator objects;
    private final RecordedSlabs recorded;
    /** Blocks that went back to the page allocator since the last operation. */
    private final List<Integer> givenBack = new ArrayList<>();

    SlabPlayer(Machine machine, SlabVector vector) {
        this.machine = machine;
        this.vector = vector;
        objects = machine.objects();
        recorded = objects.recorded().orElseThrow();
        machine.trace().listen((point, header, values) -> givenBack.add((int) values[0]), TracePoint.MM_PAGE_FREE);
    }

    /** Creates the private caches, without touching the free lists of the page allocator, and takes their states over. */
    void createCaches() {
        machine.locked(() -> {
            machine.pages().adopting(true);
            vector.caches().values().forEach(this::create);
            machine.pages().adopting(false);
            recorded.load(vector.start());
            return null;
        });
        givenBack.clear();
    }

    private void create(Line line) {
        int flags = SlabFlag.SLAB_NOMERGE.bit();
        int kernelFlags = line.hex("flags");
        for (Map.Entry<Integer, SlabFlag> flag : FLAGS.entrySet()) {
            if ((kernelFlags & flag.getKey()) != 0) {
                flags |= flag.getValue().bit();
            }
        }
        // writes what the kernel module's constructor writes: nothing that an address depends on
        ObjectConstructor constructor = line.has("ctor") && line.decimal("ctor") != 0
                ? object -> machine.ram().write8(machine.layout().virtToPhys(object), 1)
                : ObjectConstructor.NONE;
        objects.createCache(new CacheSpec(line.word(1), line.decimal("object_size"), 0, flags, constructor));
    }

    /** Says what the kernel drew at random. */
    void draw() {
        machine.locked(() -> {
            vector.draws()
                    .forEach((cache, first) -> recorded.draw(
                            objects.cache(cache),
                            first.stream().mapToInt(Integer::intValue).toArray()));
            return null;
        });
    }

    @Override
    public Answer make(Line operation) {
        if (!givenBack.isEmpty()) {
            return new Answer(
                    "no slab went back before", String.format("the slab at pfn %x went back before", givenBack.get(0)));
        }
        return machine.locked((Supplier<Answer>) () -> operation.is("a") ? allocate(operation) : free(operation));
    }

    private Answer allocate(Line line) {
        if (line.has("size")) {
            long object = objects.kmalloc(line.decimal("size"), vector.gfp());
            return new Answer(
                    line.word(3) + " of " + line.word(4), Long.toHexString(object) + " of " + cacheOf(object));
        }
        KmemCache cache = objects.cache(vector.caches().keySet().iterator().next());
        return new Answer(line.word(2), Long.toHexString(objects.allocObject(cache, vector.gfp())));
    }

    private String cacheOf(long object) {
        return objects.objectAt(object)
                .filter(view -> view.state() != ObjectView.State.LARGE)
                .map(ObjectView::cache)
                .orElse(NO_CACHE);
    }

    private Answer free(Line line) {
        long object = line.addressOf(line.word(2));
        boolean ofSlab = machine.frames().is(machine.layout().virtToPfn(object), PageFlag.SLAB);
        objects.kfree(object);
        if (!ofSlab) {
            // pages of a large object are no slab
            givenBack.clear();
        }
        return Answer.NONE;
    }

    // ---- lists

    @Override
    public void check(Line list, Findings findings) {
        switch (list.word(0)) {
            case "CACHE" -> parameters(list, findings);
            case "SLUB" ->
                findings.compare(
                        "state '" + list.word(2) + "' of " + list.word(1),
                        list.text(),
                        SlabText.text(state(list.word(1)), list.word(2), SlabText.tellsAll(list)),
                        list.where());
            case "N" -> newSlab(list, findings);
            case "D" -> {
                Integer pfn = list.hex("pfn");
                findings.compare(
                        "slab given back by operation " + list.word(1),
                        Integer.toHexString(pfn),
                        givenBack.remove(pfn) ? Integer.toHexString(pfn) : "none",
                        list.where());
            }
            default -> end(list, findings);
        }
    }

    private void end(Line list, Findings findings) {
        for (int pfn : givenBack) {
            findings.different(
                    "slab given back by the last operation", "none", Integer.toHexString(pfn), list.where(), List.of());
        }
        new PageStateFacts(ZoneNames.of(machine))
                .compare(
                        list.text(),
                        vector.end().orElseThrow(),
                        machine.locked(machine.pages()::state),
                        list.where(),
                        findings);
    }

    private void parameters(Line line, Findings findings) {
        Map<String, String> attributes = objects.caches().stream()
                .filter(view -> view.name().equals(line.word(1)))
                .findFirst()
                .map(SlabCacheView::attributes)
                .orElse(Map.of());
        SlabVector.PARAMETERS.forEach((name, attribute) -> {
            if (line.has(name)) {
                findings.compare(
                        name + " of " + line.word(1),
                        line.value(name),
                        attributes.getOrDefault(attribute, "none"),
                        line.where());
            }
        });
    }

    /** The slab that the last operation made: its first object was handed out, the others lie in this order. */
    private void newSlab(Line line, Findings findings) {
        CpuState cpu = state(line.value("cache")).cpus().stream().findFirst().orElse(SlabText.NO_CPU);
        String first = line.value("freelist").split(",")[0];
        String mine = cpu.slab()
                .map(slab -> String.format(
                        "pfn=%x order=%d objs=%d freelist=%s",
                        slab.pfn(),
                        slab.order(),
                        slab.objects(),
                        cpu.free().length == 0 ? first : first + "," + SlabText.numbers(cpu.free())))
                .orElse("none");
        findings.compare(
                "slab made by operation " + line.word(1),
                line.text().substring(line.text().indexOf("pfn=")),
                mine,
                line.where());
    }

    private CacheState state(String name) {
        SlabState all = machine.locked(recorded::state);
        return all.caches().stream()
                .filter(cache -> cache.name().equals(name))
                .findFirst()
                .orElse(new CacheState(name, 0, new int[0], 0, 0, List.of(), List.of()));
    }

    // ---- for people

    @Override
    public List<String> scene(Line operation, Answer answer) {
        Set<String> names = new LinkedHashSet<>();
        for (String side : List.of(answer.captured(), answer.modelled())) {
            String[] words = side.split(" of ");
            if (words.length == 2 && !words[1].equals(NO_CACHE)) {
                names.add(words[1]);
            } else if (words[0].matches("[0-9a-f]{8}")) {
                names.add(cacheOf(Long.parseLong(words[0], HEX)));
            }
        }
        names.remove(NO_CACHE);
        if (names.isEmpty()) {
            names.add(vector.caches().keySet().iterator().next());
        }
        List<String> lines = new ArrayList<>();
        names.forEach(name -> lines.add(SlabText.text(state(name), "now", true)));
        return lines;
    }
}
