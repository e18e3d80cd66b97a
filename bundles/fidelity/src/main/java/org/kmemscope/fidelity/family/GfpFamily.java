package org.kmemscope.fidelity.family;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.gfp.GfpTable;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.page.ZoneType;
import org.kmemscope.fidelity.Family;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;
import org.kmemscope.fidelity.file.Experiment;
import org.kmemscope.fidelity.file.Text;

/** The numbers of flags and masks, and the zone that each combination of zone bits selects, as a module printed them in the kernel. */
public final class GfpFamily implements Family {
    private static final String FILE = "oracle-const.txt";
    private static final Pattern VALUE = Pattern.compile("GFP (\\S+)=(\\w+)");
    private static final Pattern TABLE = Pattern.compile("CONST (GFP_\\w+)=(\\w+)");
    /** The four lowest bits choose a zone. */
    private static final int ZONE_MASK = 0xf;

    @Override
    public String name() {
        return "gfp";
    }

    @Override
    public void compare(Subject subject, Findings findings) {
        List<String> lines = subject.lines(FILE).orElse(List.of());
        if (lines.isEmpty()) {
            return;
        }
        Machine machine = subject.booted();
        GfpTable table = machine.gfp();
        Map<String, Long> tables = tables(machine);
        for (int i = 0; i < lines.size(); i++) {
            String where = FILE + ":" + (i + 1);
            Matcher value = VALUE.matcher(lines.get(i));
            Matcher whole = TABLE.matcher(lines.get(i));
            if (value.matches()) {
                String modelled = number(table, value.group(1)).map(Text::hex).orElse("no such flag");
                findings.compare(value.group(1), Text.hex(Text.number(value.group(2))), modelled, where);
            } else if (whole.matches()) {
                String modelled = Optional.ofNullable(tables.get(whole.group(1)))
                        .map(Text::hex)
                        .orElse("no such table");
                findings.compare(whole.group(1), Text.hex(Text.number(whole.group(2))), modelled, where);
            }
        }
        for (Experiment zone : Experiment.read(lines, "GFPZONE")) {
            int bits = zone.integer("bits");
            String where = FILE + ":" + zone.line();
            String mask = "zone bits " + Text.hex(bits);
            findings.compare(mask + ": zone", zone.get("name"), table.zone(bits).label(), where);
            findings.compare(mask + ": index", zone.integer("zone_idx"), index(machine, table.zone(bits)), where);
            findings.compare(mask + ": bad", zone.get("bad"), table.isBadZone(bits) ? "1" : "0", where);
        }
    }

    private static Optional<Long> number(GfpTable table, String name) {
        if (name.equals("GFP_ZONEMASK")) {
            return Optional.of((long) ZONE_MASK);
        }
        if (name.startsWith("__GFP_BITS")) {
            long mask = table.bitsMask() & 0xffff_ffffL;
            return Optional.of(name.endsWith("SHIFT") ? Long.bitCount(mask) : mask);
        }
        long value = 0;
        for (String flag : name.split("\\|")) {
            Optional<Gfp> known = Arrays.stream(Gfp.values())
                    .filter(some -> some.name().equals(flag) && table.has(some))
                    .findFirst();
            if (known.isEmpty()) {
                return Optional.empty();
            }
            value |= table.of(known.get());
        }
        return Optional.of(value);
    }

    private static int index(Machine machine, ZoneType type) {
        return machine.layout().zones().indexOf(type);
    }

    /** {@code GFP_ZONE_TABLE} and {@code GFP_ZONE_BAD}: the same in single words, as the kernel looks it up. */
    private static Map<String, Long> tables(Machine machine) {
        int zones = machine.layout().zones().zones().size();
        int shift = zones <= 2 ? 1 : zones <= 4 ? 2 : 3;
        long table = 0;
        long bad = 0;
        for (int bits = 0; bits <= ZONE_MASK; bits++) {
            if (machine.gfp().isBadZone(bits)) {
                bad |= 1L << bits;
            } else {
                table |= (long) index(machine, machine.gfp().zone(bits)) << (bits * shift);
            }
        }
        Map<String, Long> tables = new TreeMap<>();
        tables.put("GFP_ZONES_SHIFT", (long) shift);
        tables.put("GFP_ZONE_TABLE", table);
        tables.put("GFP_ZONE_BAD", bad);
        return tables;
    }
}
