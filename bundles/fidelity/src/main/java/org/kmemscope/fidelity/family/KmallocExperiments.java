package org.kmemscope.fidelity.family;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.view.ObjectView;
import org.kmemscope.api.view.SlabCacheView;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;
import org.kmemscope.fidelity.file.Experiment;
import org.kmemscope.fidelity.file.Text;

/** The experiments of {@code oracle-kmalloc.txt}, made again on a machine. */
final class KmallocExperiments {
    /** From here on the module asks without a warning. */
    private static final long QUIET_ABOVE = 32768;

    private static final List<String> OBJECT_FIELDS =
            List.of("ksize", "phys", "zone", "pageslab", "order", "cache", "csize", "objs");
    private static final String NO_PERCPU = "per-CPU memory: there is none in the model";

    private final Machine machine;
    private final Kernel kernel;
    private final Findings findings;
    private final String file;
    private final boolean looks;

    /** Only makes the experiments, for what they leave behind. */
    KmallocExperiments(Machine machine, String file) {
        this(machine, new Findings(), file, false);
    }

    KmallocExperiments(Machine machine, Findings findings, String file) {
        this(machine, findings, file, true);
    }

    private KmallocExperiments(Machine machine, Findings findings, String file, boolean looks) {
        this.looks = looks;
        this.machine = machine;
        this.findings = findings;
        this.file = file;
        kernel = Subject.kernel(machine);
    }

    /** How many facts a line tells. */
    static long facts(Experiment line) {
        return 1 + OBJECT_FIELDS.stream().filter(line::has).count();
    }

    void compare(List<String> lines) {
        for (Experiment line : Experiment.read(lines, "EXP")) {
            switch (line.name()) {
                case "kmalloc" -> kmalloc(line);
                case "reuse" -> reuse(line);
                case "krealloc" -> krealloc(line);
                case "kvmalloc" -> kvmalloc(line);
                case "__get_free_pages_highmem" -> page(line, gfp(Gfp.GFP_KERNEL) | gfp(Gfp.__GFP_HIGHMEM));
                case "get_zeroed_page_dma" -> page(line, gfp(Gfp.GFP_DMA) | gfp(Gfp.__GFP_ZERO));
                case "kcalloc_10_100" -> object(line, 1000, gfp(Gfp.GFP_KERNEL) | gfp(Gfp.__GFP_ZERO));
                case "kstrdup_hello" -> object(line, "hello".length() + 1L, gfp(Gfp.GFP_KERNEL));
                case "kmalloc_array_overflow" ->
                    findings.notModelled(1, "kmalloc_array: drivers of the model multiply themselves");
                case "alloc_percpu" -> findings.notModelled(1, NO_PERCPU);
                default -> {
                    // alloc_pages_exact is of the free areas
                }
            }
        }
    }

    private int gfp(Gfp flag) {
        return machine.gfp().of(flag);
    }

    private void kmalloc(Experiment line) {
        long size = line.number("size");
        int mask = line.integer("gfp") | (size > QUIET_ABOVE ? gfp(Gfp.__GFP_NOWARN) : 0);
        long first = kernel.kmalloc(size, mask);
        long second = kernel.kmalloc(size, mask);
        String what = "kmalloc(" + size + ", " + line.get("flags") + ")";
        object(line, what, first);
        fact(line, what + ": second", kind(line.number("ptr2")), kind(second));
        kernel.kfree(first);
        kernel.kfree(second);
    }

    private void fact(Experiment line, String what, Object captured, Object modelled) {
        findings.compare(what, captured, modelled, file + ":" + line.line());
    }

    private void object(Experiment line, long size, int mask) {
        long object = kernel.kmalloc(size, mask);
        object(line, line.name(), object);
        kernel.kfree(object);
    }

    private static String kind(long pointer) {
        return pointer == 0 ? "NULL" : pointer == ObjectAllocator.ZERO_SIZE_PTR ? "ZERO_SIZE_PTR" : "memory";
    }

    /** What the module prints of an object. */
    private void object(Experiment line, String what, long object) {
        fact(line, what, line.has("vmalloc") ? "vmalloc" : kind(line.number("ptr")), kind(object));
        for (String field : OBJECT_FIELDS) {
            if (looks && line.has(field)) {
                String captured = line.get(field);
                fact(line, what + ": " + field, captured, field(field, line, object));
            }
        }
    }

    private String field(String field, Experiment line, long object) {
        if (field.equals("phys")) {
            return Text.hex(machine.layout().virtToPhys(line.number("ptr")));
        }
        if (field.equals("ksize")) {
            return Long.toString(kernel.ksize(object));
        }
        Optional<ObjectView> view = machine.objects().objectAt(object);
        if (view.isEmpty()) {
            return "no object";
        }
        boolean large = view.get().state() == ObjectView.State.LARGE;
        Optional<SlabCacheView> cache =
                large ? Optional.empty() : Caches.view(machine, view.get().cache());
        return switch (field) {
            case "zone" -> zone(object);
            case "pageslab" -> large ? "0" : "1";
            case "order" ->
                large
                        ? order(kernel.ksize(object))
                        : cache.map(some -> order(4096L * some.pagesPerSlab())).orElse("none");
            case "cache" -> cache.map(SlabCacheView::name).orElse("-");
            case "csize" ->
                cache.map(some -> Integer.toString(some.objectSize())).orElse("none");
            case "objs" ->
                cache.map(some -> Integer.toString(some.objectsPerSlab())).orElse("none");
            default -> throw new IllegalArgumentException(field.toLowerCase(Locale.ROOT));
        };
    }

    private static String order(long bytes) {
        return Integer.toString(Long.numberOfTrailingZeros(bytes) - 12);
    }

    private String zone(long virt) {
        int pfn = machine.layout().virtToPfn(virt);
        return machine.pages().zoneType(machine.frames().zone(pfn)).label();
    }

    /** What was freed last comes first. */
    private void reuse(Experiment line) {
        long size = line.number("size");
        long first = kernel.kmalloc(size, Gfp.GFP_KERNEL);
        kernel.kfree(first);
        long again = kernel.kmalloc(size, Gfp.GFP_KERNEL);
        fact(line, "reuse of " + size + " bytes", line.get("same"), first == again ? "1" : "0");
        kernel.kfree(again);
    }

    /** Which steps of a chain of krealloc stay where they are, and what is usable. */
    private void krealloc(Experiment line) {
        int mask = gfp(Gfp.GFP_KERNEL);
        long at50 = kernel.kmalloc(50, mask);
        String usable = Long.toString(kernel.ksize(at50));
        long at60 = kernel.krealloc(at50, 60, mask);
        long at64 = kernel.krealloc(at60, 64, mask);
        long at65 = kernel.krealloc(at64, 65, mask);
        String usable65 = Long.toString(kernel.ksize(at65));
        long at10 = kernel.krealloc(at65, 10, mask);
        String usable10 = Long.toString(kernel.ksize(at10));
        long at0 = kernel.krealloc(at10, 0, mask);
        fact(line, "krealloc: ksize of 50", line.get("ksize"), usable);
        stays(line, "kmalloc50", "to60", at50 == at60);
        stays(line, "to60", "to64", at60 == at64);
        stays(line, "to64", "to65", at64 == at65);
        fact(line, "krealloc: ksize of 65", line.get("ksize" + Experiment.SECOND), usable65);
        stays(line, "to65", "to10", at65 == at10);
        findings.compare(
                "krealloc: ksize of 10",
                line.text().replaceAll(".*ksize=(\\d+) to0=.*", "$1"),
                usable10,
                file + ":" + line.line());
        fact(line, "krealloc: to 0", kind(line.number("to0")), kind(at0));
    }

    private void stays(Experiment line, String from, String to, boolean modelled) {
        fact(line, "krealloc: " + from + " " + to, line.get(from).equals(line.get(to)), modelled);
    }

    /** {@code kvmalloc()}: kmalloc without trying hard, and vmalloc if that fails. */
    private void kvmalloc(Experiment line) {
        long size = line.number("size");
        String what = "kvmalloc(" + size + ")";
        int mask = gfp(Gfp.GFP_KERNEL) | gfp(Gfp.__GFP_NOWARN) | gfp(Gfp.__GFP_NORETRY);
        long object = kernel.kmalloc(size, mask);
        if (object == 0) {
            fact(line, what, line.has("vmalloc") ? "vmalloc" : "kmalloc", "vmalloc");
            return;
        }
        object(line, what, object);
        kernel.kfree(object);
    }

    private void page(Experiment line, int mask) {
        long page = kernel.getFreePages(mask, 0);
        fact(line, line.name() + ": zone", line.get("zone"), page == 0 ? "-" : zone(page));
        kernel.freePagesAt(page, 0);
    }
}
