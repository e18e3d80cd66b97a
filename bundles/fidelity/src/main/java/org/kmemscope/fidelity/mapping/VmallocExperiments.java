package org.kmemscope.fidelity.mapping;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.LongUnaryOperator;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.mmu.Protection;
import org.kmemscope.api.view.VmapAreaView;
import org.kmemscope.api.view.VmapAreaView.Kind;
import org.kmemscope.api.view.ZoneView;
import org.kmemscope.api.vmalloc.Vmalloc;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;
import org.kmemscope.fidelity.file.Experiment;
import org.kmemscope.fidelity.file.Text;

/**
 * What a module was told that called vmalloc, vmap, vm_map_ram and ioremap one after the other and gave most of it back at once.
 *
 * <ol>
 *   <li>Until the space is filled up, freed addresses are kept back, so that every answer is a place of its own: {@link KnownSpace}.
 *   <li>Then it is filled with areas of a megabyte. Room that had been kept back is there again; what else boot left free, nothing tells.
 * </ol>
 */
final class VmallocExperiments {
    private static final String FILE = "oracle-vmalloc.txt";
    private static final int PAGE_SIZE = Profile.PAGE_SIZE;
    private static final String ADDRESS = ": address";
    private static final String POINTER = "ptr";
    private static final int HEX = 16;
    /** Why an address is no fact. */
    static final String HIDDEN =
            "addresses: the first in a free range of the vmalloc space; where ranges begin is not known, as"
                    + " the kernel hides the addresses of its areas (boot with no_hash_pointers)";

    private static final String FRAMES =
            "page frames: the first appearance of each; what lay on the per-CPU lists when the experiment"
                    + " began is in no file";
    private static final String CONTIGUOUS = "phys_contig of frames that appear for the first time: as these";
    private static final String MOVED =
            "which CPU the module runs on: the scheduler has moved it, and each CPU has its own lists";
    private static final String OBJECTS =
            "page frames that the kernel took for objects of its own between two calls: how full its slabs"
                    + " were is in no file";

    private final Subject subject;
    private final Findings findings;
    private final FrameNames frames;
    private final Set<Long> begins = new HashSet<>();
    private Machine machine;
    private Vmalloc vmalloc;
    private final KnownSpace space = new KnownSpace();
    private long hidden;
    private long contiguous;
    private long objects;
    private long moved;
    private long gapSize;
    /** Pages that the experiment maps itself. */
    private int[] mapped = new int[0];

    VmallocExperiments(Subject subject, Findings findings) {
        this.subject = subject;
        this.findings = findings;
        frames = new FrameNames(findings, FRAMES);
    }

    void compare(List<String> lines) {
        List<Experiment> all = Experiment.read(lines, "EXP");
        List<Experiment> filling =
                all.stream().filter(line -> isFilling(line.name())).toList();
        List<Experiment> single =
                all.stream().filter(line -> !isFilling(line.name())).toList();
        single.forEach(this::learn);
        boot();
        machine.locked(() -> {
            single.forEach(this::run);
            return null;
        });
        if (!filling.isEmpty()) {
            new SpaceFilling(subject, findings, space).compare(filling);
        }
        frames.report();
        report(hidden, HIDDEN);
        report(contiguous, CONTIGUOUS);
        report(objects, OBJECTS);
        report(moved, MOVED);
    }

    private void report(long facts, String reason) {
        if (facts > 0) {
            findings.notModelled(facts, reason);
        }
    }

    private static boolean isFilling(String name) {
        return name.startsWith("vmap_") || name.equals("vmalloc_4M_when_full");
    }

    private void boot() {
        machine = space.boot(subject);
        vmalloc = machine.vmalloc();
        machine.locked(() -> {
            // the experiment before ended with this
            machine.pages().drainAllPages();
            return null;
        });
    }

    // ---- what the answers tell of the space

    private void learn(Experiment line) {
        switch (line.name()) {
            case "vmalloc_gap" -> {
                gapSize = line.number("size");
                for (String one : List.of("a", "b", "c")) {
                    if (line.has(one)) {
                        learn(line.number(one), gapBytes());
                    }
                }
            }
            case "vmalloc_after_vfree" -> learn(line.number("b_again"), gapBytes());
            case "vm_map_ram" -> learn(line.number(POINTER), blockBytes());
            default -> {
                if (line.has("area_size")) {
                    learn(line.number(POINTER) & -PAGE_SIZE, line.number("area_size"));
                }
            }
        }
    }

    private void learn(long start, long bytes) {
        if (start == 0) {
            return;
        }
        space.handedOut(start, start + bytes);
    }

    /** An area of the experiment on gaps, with its guard page. */
    private long gapBytes() {
        return (pages(gapSize) + 1) * PAGE_SIZE;
    }

    /** A small vm_map_ram takes a block; how large one is follows from the configuration. */
    private long blockBytes() {
        Machine plain = subject.booted();
        return plain.locked(() -> {
            int[] one = {plain.pages().allocPages(plain.gfp().parse("GFP_KERNEL"), 0)};
            long address = plain.vmalloc().vmMapRam(one);
            VmapAreaView block = plain.vmalloc().areaAt(address).orElseThrow();
            return block.end() - block.start();
        });
    }

    private static long pages(long size) {
        return (size + PAGE_SIZE - 1) / PAGE_SIZE;
    }

    // ---- one call after the other

    private void run(Experiment line) {
        switch (line.name()) {
            case "vmalloc" -> area(line, "GFP_KERNEL|__GFP_HIGHMEM", size -> vmalloc.vmalloc(size));
            case "vzalloc" -> {
                String mask = "GFP_KERNEL|__GFP_HIGHMEM|__GFP_ZERO";
                area(line, mask, size -> vmalloc.vmalloc(size, machine.gfp().parse(mask), Protection.KERNEL));
            }
            case "vmalloc_32" -> area(line, "GFP_KERNEL", vmalloc::vmalloc32);
            case "__vmalloc" -> {
                int mask = machine.gfp().parse(line.get("flags"));
                // no zone named: from high memory all the same
                String zone = line.get("flags").contains("DMA") ? "" : "|__GFP_HIGHMEM";
                area(line, line.get("flags") + zone, size -> vmalloc.vmalloc(size, mask, Protection.KERNEL));
            }
            case "vmalloc_gap" -> gap(line);
            case "vmalloc_after_vfree" -> {
                // made with the line before
            }
            case "vmap" -> map(line);
            case "vm_map_ram" -> mapRam(line);
            case "ioremap" -> registers(line);
            default -> findings.notModelled(line.fields().size(), FILE + ":" + line.line() + ": " + line.name());
        }
    }

    private String where(Experiment line) {
        return FILE + ":" + line.line();
    }

    private void address(String fact, long captured, long modelled, Experiment line) {
        long start = captured & -PAGE_SIZE;
        if (captured == modelled && space.beginsAt(start) && begins.add(start)) {
            hidden++;
        } else {
            findings.compare(fact + ADDRESS, Text.hex(captured), Text.hex(modelled), where(line));
        }
    }

    /** Compares an area and gives it back. */
    private void area(Experiment line, String mask, LongUnaryOperator allocate) {
        othersTook(line, machine.gfp().parse(mask));
        long address = allocate.applyAsLong(line.number("size"));
        String call = line.name() + "(" + line.get("size") + ")" + (line.has("flags") ? " " + line.get("flags") : "");
        if (answered(call, line, address)) {
            pages(call, line, facts(call, line, address));
            vmalloc.vfree(address);
        }
    }

    /** Whether kernel and model both found room; if only one did, that is the difference. */
    private boolean answered(String call, Experiment line, long address) {
        long captured = line.number(POINTER);
        if (captured == 0 || address == 0) {
            findings.compare(call + ADDRESS, Text.hex(captured), Text.hex(address), where(line));
        }
        return captured != 0 && address != 0;
    }

    /**
     * Between two calls the kernel may have needed a page for objects of its own, descriptors of areas for one: then the frame that would
     * come next is not among those that came. How full the kernel's slabs were, nothing tells; the model gives that frame up, too.
     */
    private void othersTook(Experiment line, int mask) {
        List<Long> captured = pfns(line);
        if (captured.size() != pages(line.number("size"))) {
            return;
        }
        int next = machine.pages().allocPages(mask, 0);
        if (machine.profile().cpus() > 1 && frames.isOutOfPlace(captured.get(0), next)) {
            machine.pages().freePages(next, 0);
            moveOn();
        } else if (frames.isAbsent(next, captured)) {
            objects++;
        } else {
            machine.pages().freePages(next, 0);
        }
    }

    /** Another frame than the one that was freed last on this CPU: the scheduler has moved the module's task to the next. */
    private void moveOn() {
        int next = (machine.context().cpu() + 1) % machine.profile().cpus();
        machine.setContext(new Machine.ContextRequest(next, Machine.ContextRequest.Kind.PROCESS));
        moved++;
    }

    private static List<Long> pfns(Experiment line) {
        return Arrays.stream(line.fields().getOrDefault("pfns", "...").split(","))
                .filter(text -> !text.equals("..."))
                .map(text -> Long.parseLong(text, HEX))
                .toList();
    }

    private VmapAreaView facts(String call, Experiment line, long address) {
        address(call, line.number(POINTER), address, line);
        VmapAreaView area = vmalloc.areaAt(address).orElseThrow();
        findings.compare(
                call + ": size of the area", line.get("area_size"), Text.hex(area.end() - area.start()), where(line));
        findings.compare(call + ": flags of the area", line.get("area_flags"), flags(area), where(line));
        findings.compare(
                call + ": nr_pages",
                line.get("nr_pages"),
                Integer.toString(area.kind() == Kind.VMALLOC ? area.pages() : 0),
                where(line));
        return area;
    }

    /** {@code VM_IOREMAP}, {@code VM_ALLOC}, {@code VM_MAP}. */
    private static String flags(VmapAreaView area) {
        return switch (area.kind()) {
            case IOREMAP -> "0x1";
            case VMALLOC -> "0x2";
            default -> "0x4";
        };
    }

    private void pages(String call, Experiment line, VmapAreaView area) {
        findings.compare(call + ": zones", capturedZones(line), zones(area.pfns()), where(line));
        List<Long> captured = pfns(line);
        boolean allKnown = captured.size() == area.pages() && captured.stream().allMatch(frames::known);
        if (area.pages() == 1 || allKnown) {
            findings.compare(
                    call + ": phys_contig",
                    line.get("phys_contig"),
                    allKnown && !isContiguous(captured) ? "0" : "1",
                    where(line));
        } else {
            contiguous++;
        }
        for (int i = 0; i < captured.size(); i++) {
            frames.compare(call + ": page " + i, captured.get(i), area.pfns().get(i), where(line));
        }
    }

    private static boolean isContiguous(List<Long> pfns) {
        for (int i = 1; i < pfns.size(); i++) {
            if (pfns.get(i) != pfns.get(i - 1) + 1) {
                return false;
            }
        }
        return true;
    }

    private static String capturedZones(Experiment line) {
        StringJoiner zones = new StringJoiner(" ");
        line.fields().forEach((name, value) -> {
            if (name.startsWith("zone_")) {
                zones.add(name.substring("zone_".length()) + "=" + value);
            }
        });
        return zones.toString();
    }

    private String zones(List<Integer> pfns) {
        StringJoiner zones = new StringJoiner(" ");
        for (ZoneView zone : machine.pages().zones()) {
            long count = pfns.stream()
                    .filter(pfn -> machine.frames().zone(pfn) == zone.index())
                    .count();
            if (count > 0) {
                zones.add(zone.type().label() + "=" + count);
            }
        }
        return zones.toString();
    }

    /** Two or three areas side by side; of three, the one between is given back and asked for again. */
    private void gap(Experiment line) {
        gapSize = line.number("size");
        List<String> names = new ArrayList<>(List.of("a", "b"));
        if (line.has("c")) {
            names.add("c");
        }
        List<Long> addresses = new ArrayList<>();
        for (String name : names) {
            long address = vmalloc.vmalloc(gapSize);
            addresses.add(address);
            address("vmalloc_gap(" + gapSize + ") " + name, line.number(name), address, line);
        }
        compareGap(line, "b_minus_a", addresses.get(1) - addresses.get(0));
        if (line.has("c")) {
            compareGap(line, "c_minus_b", addresses.get(2) - addresses.get(1));
            again(line, addresses);
        }
        addresses.forEach(vmalloc::vfree);
    }

    private void compareGap(Experiment line, String name, long modelled) {
        findings.compare("vmalloc_gap(" + gapSize + "): " + name, line.number(name), modelled, where(line));
    }

    private void again(Experiment line, List<Long> addresses) {
        vmalloc.vfree(addresses.get(1));
        addresses.set(1, vmalloc.vmalloc(gapSize));
        subject.lines(FILE).stream()
                .flatMap(lines -> Experiment.read(lines, "EXP").stream())
                .filter(other -> other.name().equals("vmalloc_after_vfree") && other.line() > line.line())
                .findFirst()
                .ifPresent(other -> address(
                        "vmalloc(" + gapSize + ") after vfree", other.number("b_again"), addresses.get(1), other));
    }

    // ---- pages that the caller has

    private void map(Experiment line) {
        int count = line.integer("n");
        int low = machine.gfp().parse("GFP_KERNEL");
        int high = machine.gfp().parse("GFP_HIGHUSER");
        mapped = new int[count];
        for (int i = 0; i < count; i++) {
            mapped[i] = machine.pages().allocPages(i % 2 == 0 ? low : high, 0);
        }
        String call = "vmap of " + count + " pages";
        long address = vmalloc.vmap(mapped, Protection.KERNEL);
        if (!answered(call, line, address)) {
            return;
        }
        VmapAreaView area = facts(call, line, address);
        List<Integer> pfns = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            pfns.add(vmalloc.vmallocToPfn(address + (long) i * PAGE_SIZE));
        }
        pages(call, line, new VmapAreaView(area.start(), area.end(), area.kind(), count, -1, "", pfns));
        vmalloc.vunmap(address);
    }

    private void mapRam(Experiment line) {
        long address = vmalloc.vmMapRam(mapped);
        String call = "vm_map_ram of " + mapped.length + " pages";
        if (answered(call, line, address)) {
            address(call, line.number(POINTER), address, line);
            vmalloc.vmUnmapRam(address, mapped.length);
        }
        for (int pfn : mapped) {
            machine.pages().freePages(pfn, 0);
        }
    }

    private void registers(Experiment line) {
        String call = "ioremap(" + line.get("phys") + ", " + line.get("size") + ")";
        long address = vmalloc.ioremap(line.number("phys"), line.number("size"));
        if (!answered(call, line, address)) {
            return;
        }
        address(call, line.number(POINTER), address, line);
        VmapAreaView area = vmalloc.areaAt(address).orElseThrow();
        if (line.has("area_size")) {
            findings.compare(
                    call + ": size of the area",
                    line.get("area_size"),
                    Text.hex(area.end() - area.start()),
                    where(line));
            findings.compare(call + ": flags of the area", line.get("flags"), flags(area), where(line));
            findings.compare(
                    call + ": physical address",
                    line.get("phys" + Experiment.SECOND),
                    Text.hex(area.phys()),
                    where(line));
        }
        vmalloc.iounmap(address);
    }
}
