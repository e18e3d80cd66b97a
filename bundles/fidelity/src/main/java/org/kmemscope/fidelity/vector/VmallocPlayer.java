package org.kmemscope.fidelity.vector;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.kmemscope.api.capture.VmallocDump;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.mmu.Protection;
import org.kmemscope.api.view.VmapAreaView;
import org.kmemscope.api.view.VmapAreaView.Kind;
import org.kmemscope.api.vmalloc.Vmalloc;
import org.kmemscope.api.vmalloc.VmallocState;
import org.kmemscope.api.vmalloc.VmallocState.FreeRange;
import org.kmemscope.fidelity.Findings;

/** Makes the calls of a vmalloc vector on a machine. */
final class VmallocPlayer implements Player {
    private static final int PAGE_SIZE = Profile.PAGE_SIZE;
    /** Ranges shown on either side of a place. */
    private static final int SHOWN = 8;

    private final Machine machine;
    private final Vmalloc vmalloc;
    private final Map<Integer, VmallocDump> dumps;
    /** What vmap and vm_map_ram map. */
    private final int[] pfns;
    /** By address: how many pages vm_map_ram mapped there. */
    private final Map<Long, Integer> ramPages = new HashMap<>();

    /**
     * @param dumps recorded states by the index of their line
     * @param mostPages more are never mapped at once
     */
    VmallocPlayer(Machine machine, Map<Integer, VmallocDump> dumps, int mostPages) {
        this.machine = machine;
        this.dumps = dumps;
        vmalloc = machine.vmalloc();
        pfns = new int[mostPages];
        int kernel = machine.gfp().parse("GFP_KERNEL");
        machine.locked(() -> {
            Arrays.setAll(pfns, i -> machine.pages().allocPages(kernel, 0));
            return null;
        });
    }

    static int pages(int size) {
        return (size + PAGE_SIZE - 1) / PAGE_SIZE;
    }

    @Override
    public Answer make(Line operation) {
        return machine.locked(() -> switch (operation.word(0)) {
            case "A" -> allocate(operation);
            case "F" -> free(operation);
            default -> purge();
        });
    }

    private Answer purge() {
        vmalloc.purge();
        return Answer.NONE;
    }

    private Answer allocate(Line line) {
        int size = line.decimal("size");
        int[] mapped = Arrays.copyOf(pfns, pages(size));
        long address =
                switch (line.word(2)) {
                    case "vmalloc" -> vmalloc.vmalloc(size);
                    case "vmap" -> vmalloc.vmap(mapped, Protection.KERNEL);
                    case "vm_map_ram" -> vmalloc.vmMapRam(mapped);
                    case "ioremap" -> vmalloc.ioremap(line.address("phys"), size);
                    default ->
                        throw line.wrong(
                                "'" + line.word(2) + "' is no call", "it is vmalloc, vmap, vm_map_ram or ioremap");
                };
        if (line.word(2).equals("vm_map_ram")) {
            ramPages.put(line.address("addr"), mapped.length);
        }
        long captured = line.address("area");
        return new Answer(text(line.address("addr"), captured), text(address, captured == 0 ? 0 : areaSize(address)));
    }

    private long areaSize(long address) {
        return vmalloc.areaAt(address).map(area -> area.end() - area.start()).orElse(0L);
    }

    private static String text(long address, long area) {
        return String.format("%x", address) + (area == 0 ? "" : String.format(", area of %x bytes", area));
    }

    private Answer free(Line line) {
        long address = line.address("addr");
        switch (line.word(2)) {
            case "vfree" -> vmalloc.vfree(address);
            case "vunmap" -> vmalloc.vunmap(address);
            case "iounmap" -> vmalloc.iounmap(address);
            case "vm_unmap_ram" -> {
                Integer count = ramPages.remove(address);
                if (count == null) {
                    throw line.wrong("vm_map_ram gave no such address", "what is freed was allocated before");
                }
                vmalloc.vmUnmapRam(address, count);
            }
            default ->
                throw line.wrong("'" + line.word(2) + "' is no call", "it is vfree, vunmap, vm_unmap_ram or iounmap");
        }
        return Answer.NONE;
    }

    // ---- lists

    @Override
    public void check(Line list, Findings findings) {
        if (list.is("CONST")) {
            Constants.VMALLOC.compare(list, machine, findings);
            return;
        }
        VmallocDump dump = dumps.get(list.number());
        VmallocState mine = machine.locked(vmalloc::state);
        String fact = "list '" + dump.tag() + "' in line " + dump.line() + ": ";
        if (!dump.state().areas().isEmpty()) {
            compare(fact + "area ", areas(dump.state().areas()), areas(vmalloc.areas()), list, findings);
        }
        if (!dump.state().freeTree().isEmpty()) {
            compare(fact + "free range ", nodes(dump.state().freeTree()), nodes(mine.freeTree()), list, findings);
        }
    }

    private static void compare(
            String fact, Map<Long, String> captured, Map<Long, String> modelled, Line list, Findings findings) {
        captured.forEach((start, text) -> findings.compare(
                fact + Long.toHexString(start), text, modelled.getOrDefault(start, "none"), list.where()));
        modelled.forEach((start, text) -> {
            if (!captured.containsKey(start)) {
                findings.different(fact + Long.toHexString(start), "none", text, list.where(), List.of());
            }
        });
    }

    /** By address: what a line of {@code /proc/vmallocinfo} tells but the caller. */
    private static Map<Long, String> areas(List<VmapAreaView> areas) {
        Map<Long, String> texts = new LinkedHashMap<>();
        areas.forEach(area -> texts.put(area.start(), text(area)));
        return texts;
    }

    private static String text(VmapAreaView area) {
        return String.format("%x-%x %s", area.start(), area.end(), area.kind().label())
                + (area.kind() == Kind.VMALLOC ? " pages=" + area.pages() : "")
                + (area.kind() == Kind.IOREMAP ? String.format(" phys=%x", area.phys()) : "");
    }

    private static Map<Long, String> nodes(List<FreeRange> tree) {
        Map<Long, String> texts = new LinkedHashMap<>();
        tree.forEach(node -> texts.put(
                node.start(),
                String.format(
                        "%x-%x %s at '%s'", node.start(), node.end(), node.red() ? "red" : "black", node.path())));
        return texts;
    }

    // ---- for people

    @Override
    public List<String> scene(Line operation, Answer answer) {
        VmallocState state = machine.locked(vmalloc::state);
        List<Place> places = new ArrayList<>();
        state.areas().forEach(area -> places.add(new Place(area.start(), text(area))));
        state.freeTree()
                .forEach(node -> places.add(new Place(
                        node.start(),
                        String.format(
                                "%x-%x free, %x bytes, node '%s'",
                                node.start(), node.end(), node.end() - node.start(), node.path()))));
        places.sort(Comparator.comparingLong(Place::start));
        List<Integer> shown = new ArrayList<>();
        for (String side : List.of(answer.captured(), answer.modelled())) {
            int at = place(places, side);
            for (int i = Math.max(0, at - SHOWN); i < Math.min(places.size(), at + SHOWN); i++) {
                shown.add(i);
            }
        }
        return shown.stream()
                .distinct()
                .sorted()
                .map(index -> places.get(index).text())
                .toList();
    }

    private static int place(List<Place> places, String answer) {
        String digits = answer.split("\\W")[0];
        if (!digits.matches("[0-9a-f]{1,8}")) {
            return -SHOWN;
        }
        long address = Long.parseLong(digits, 16);
        int at = 0;
        while (at < places.size() && places.get(at).start() <= address) {
            at++;
        }
        return at;
    }

    /** A range of the space. */
    private record Place(long start, String text) {}
}
