package org.kmemscope.fidelity.page;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.page.PageState.FreeList;
import org.kmemscope.api.page.PageState.ZoneState;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;

/**
 * Free lists of a dump under the model's rules of merging: a machine that has exactly these free blocks must find no two of them that should
 * be one. A list that the dump cuts off counts as far as it is told.
 */
final class DumpFacts {
    private static final Pattern FILE = Pattern.compile("oracle-buddydump-\\w+\\.txt");
    private static final Pattern LIST =
            Pattern.compile("BUDDY zone=(\\w+) order=(\\d+) type=(\\w+) n=(\\d+) pfns=([0-9a-f,]*?)(?:,\\.\\.\\.)?");
    private static final int HEX = 16;

    private final Subject subject;
    private final Findings findings;

    DumpFacts(Subject subject, Findings findings) {
        this.subject = subject;
        this.findings = findings;
    }

    static boolean isDump(String file) {
        return FILE.matcher(file).matches();
    }

    void compare(String file) {
        List<Matcher> lists = new ArrayList<>();
        for (String line : subject.lines(file).orElse(List.of())) {
            Matcher list = LIST.matcher(line);
            if (list.matches()) {
                lists.add(list);
            }
        }
        if (lists.isEmpty()) {
            return;
        }
        Machine machine = subject.cloned();
        List<ZoneState> zones = new ArrayList<>();
        for (ZoneState zone : machine.pages().state().zones()) {
            zones.add(zone.spanned() == 0 ? zone : filled(machine, zone, lists));
        }
        machine.pages().load(new PageState(zones));
        List<String> problems = machine.verify().problems();
        for (Matcher list : lists) {
            List<String> own = problems.stream()
                    .filter(problem ->
                            Arrays.stream(list.group(5).split(",")).anyMatch(pfn -> problem.contains("0x" + pfn + " ")))
                    .toList();
            String what =
                    list.group(1) + " order " + list.group(2) + ", " + list.group(3) + ": blocks that should be merged";
            findings.compare(what, List.of(), own, file);
        }
    }

    private static ZoneState filled(Machine machine, ZoneState zone, List<Matcher> lists) {
        List<FreeList> free = new ArrayList<>();
        List<String> types = machine.gfp().migrateTypes().byIndex().stream()
                .map(type -> type.label())
                .toList();
        int[] blockTypes = zone.blockTypes().clone();
        int pageblockOrder = machine.frames().pageblockOrder();
        long pages = 0;
        long cma = 0;
        for (Matcher list : lists) {
            int type = types.indexOf(list.group(3));
            if (!list.group(1).equals(machine.pages().zoneType(zone.index()).label()) || type < 0) {
                continue;
            }
            int order = Integer.parseInt(list.group(2));
            int[] pfns = Arrays.stream(list.group(5).split(","))
                    .mapToInt(pfn -> Integer.parseInt(pfn, HEX))
                    .toArray();
            free.add(new FreeList(order, type, pfns));
            pages += (long) pfns.length << order;
            cma += list.group(3).equals("CMA") ? (long) pfns.length << order : 0;
            for (int pfn : pfns) {
                for (int block = pfn >>> pageblockOrder;
                        order >= pageblockOrder && block <= pfn + (1 << order) - 1 >>> pageblockOrder;
                        block++) {
                    blockTypes[block - (zone.startPfn() >>> pageblockOrder)] = type;
                }
            }
        }
        return ZoneStates.filled(zone, free, blockTypes, pages, 0, cma);
    }
}
