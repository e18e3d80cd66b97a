package org.kmemscope.fidelity.vector;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.kmemscope.api.highmem.Highmem;
import org.kmemscope.api.highmem.PkmapState;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.view.KmapView;
import org.kmemscope.fidelity.Findings;

/** Makes the calls of a kmap vector on a machine. */
final class KmapPlayer implements Player {
    /** In place of the index of a kmap that is given back at once. */
    static final String PRIME = "prime";

    private static final int HEX = 16;
    private static final int DECIMAL = 10;
    /** Slots shown on either side of a place. */
    private static final int SHOWN = 4;

    private final Machine machine;
    private final Highmem highmem;
    private final int[] pages;

    /**
     * @param pages frames by the numbers that the vector gives them
     */
    KmapPlayer(Machine machine, int[] pages) {
        this.machine = machine;
        this.pages = pages;
        highmem = machine.highmem();
    }

    /** Slots and frames of a line {@code PKMAP start 1:3e6b4,2:3ed0c}. */
    static Map<Integer, Integer> slots(Line line) {
        Map<Integer, Integer> slots = new TreeMap<>();
        if (line.wordCount() > 2) {
            for (String pair : line.word(2).split(",")) {
                String[] parts = pair(line, pair);
                slots.put(line.number(parts[0], DECIMAL), line.number(parts[1], HEX));
            }
        }
        return slots;
    }

    private static String[] pair(Line line, String text) {
        String[] parts = text.split(":");
        if (parts.length != 2) {
            throw line.wrong("'" + text + "' is no pair", "it looks like '1:3e6b4'");
        }
        return parts;
    }

    private int page(Line line, int number) {
        if (number < 0 || number >= pages.length) {
            throw line.wrong("there is no page " + number, "PAGES tells " + pages.length);
        }
        return pages[number];
    }

    @Override
    public Answer make(Line operation) {
        return machine.locked((Supplier<Answer>) () -> switch (operation.word(0)) {
            case "K" -> map(operation);
            case "U" -> {
                highmem.kunmap(page(operation, operation.decimal(2)));
                yield Answer.NONE;
            }
            case "L" -> address(operation.value("addr"), highmem.kmapLocal(operation.hex("pfn")));
            default -> {
                highmem.kunmapLocal(operation.address("addr"));
                yield Answer.NONE;
            }
        });
    }

    private Answer map(Line line) {
        if (line.word(1).equals(PRIME)) {
            int page = page(line, line.decimal("page"));
            Answer answer = address(line.value("addr"), highmem.kmap(page));
            highmem.kunmap(page);
            return answer;
        }
        return address(line.word(3), highmem.kmap(page(line, line.decimal(2))));
    }

    private static Answer address(String captured, long modelled) {
        return new Answer(captured, Long.toHexString(modelled));
    }

    @Override
    public void check(Line list, Findings findings) {
        switch (list.word(0)) {
            case "CONST" -> Constants.KMAP.compare(list, machine, findings);
            case "PA" -> addresses(list, findings);
            default -> compareSlots(list, findings);
        }
    }

    private void compareSlots(Line list, Findings findings) {
        Map<Integer, Integer> captured = slots(list);
        Map<Integer, Integer> mine = new TreeMap<>();
        highmem.pkmap().slots().forEach(view -> mine.put(view.slot(), view.pfn()));
        String fact = "slots '" + list.word(1) + "' in line " + (list.number() + 1) + ": slot ";
        captured.forEach((slot, pfn) ->
                findings.compare(fact + slot, Integer.toHexString(pfn), text(mine.get(slot)), list.where()));
        mine.forEach((slot, pfn) -> {
            if (!captured.containsKey(slot)) {
                findings.different(fact + slot, "none", text(pfn), list.where(), List.of());
            }
        });
    }

    private static String text(Integer pfn) {
        return pfn == null ? "none" : Integer.toHexString(pfn);
    }

    private void addresses(Line list, Findings findings) {
        for (int word = 2; word < list.wordCount(); word++) {
            String[] parts = pair(list, list.word(word));
            int page = page(list, list.number(parts[0], DECIMAL));
            findings.compare(
                    "page_address() of pfn " + Integer.toHexString(page) + " after operation " + list.word(1),
                    parts[1],
                    Long.toHexString(highmem.pageAddress(page)),
                    list.where());
        }
    }

    @Override
    public List<String> scene(Line operation, Answer answer) {
        List<String> lines = new ArrayList<>();
        PkmapState state = highmem.pkmap();
        lines.add("the last search ended at slot " + state.last() + ", "
                + state.slots().size() + " of " + machine.layout().lastPkmap() + " slots have an entry");
        for (KmapView view : highmem.windows()) {
            boolean persistent = view.kind().equals("pkmap");
            if (!persistent || near(view.virt(), answer.captured()) || near(view.virt(), answer.modelled())) {
                lines.add(String.format(
                        "%s slot %d at %x: pfn %x, count %d",
                        view.kind(), view.slot(), view.virt(), view.pfn(), view.count()));
            }
        }
        return lines;
    }

    private static boolean near(long virt, String address) {
        return address.matches("[0-9a-f]{1,8}") && Math.abs(virt - Long.parseLong(address, HEX)) <= (long) SHOWN << 12;
    }
}
