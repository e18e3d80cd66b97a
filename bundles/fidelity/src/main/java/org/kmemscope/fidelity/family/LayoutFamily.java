package org.kmemscope.fidelity.family;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.AddressLayout.Region;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.page.MigrateTypes;
import org.kmemscope.fidelity.Family;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;
import org.kmemscope.fidelity.file.LogLine;

/**
 * The address space: constants as a module printed them in the kernel, and the rows {@code virtual kernel memory layout} of the boot log.
 * Rows of the kernel image are no facts but inputs: where the linker put it is nothing a rule gives. Constants of kmalloc and of the masks
 * belong to other families.
 */
public final class LayoutFamily implements Family {
    private static final String CONSTANTS = "oracle-const.txt";
    private static final String BOOT_LOG = "dmesg-boot.txt";
    private static final Pattern CONSTANT = Pattern.compile("CONST (\\S.*?)=(0x)?([0-9a-f]+)");
    private static final Pattern ALLOCATOR = Pattern.compile("CONST SLAB_ALLOCATOR=(\\w+)");
    private static final Pattern MIGRATE_TYPE = Pattern.compile("MIGRATETYPE (\\d+)=(\\w+)");
    private static final Pattern ROW = Pattern.compile("\\s+(\\w+)\\s*: (0x[0-9a-f]{8}) - (0x[0-9a-f]{8})\\s+\\(.*\\)");
    private static final Set<String> KMALLOC =
            Set.of("SLAB_OBJ_MIN_SIZE", "ARCH_KMALLOC_MINALIGN", "ARCH_SLAB_MINALIGN");
    private static final int HEX = 16;
    private static final int DECIMAL = 10;

    @Override
    public String name() {
        return "layout";
    }

    @Override
    public void compare(Subject subject, Findings findings) {
        List<String> constants = subject.lines(CONSTANTS).orElse(List.of());
        List<String> log = subject.lines(BOOT_LOG).orElse(List.of());
        if (!constants.isEmpty()) {
            constants(subject.booted(), constants, findings);
        }
        if (log.stream().anyMatch(line -> row(line).matches())) {
            rows(subject.booted(), log, findings);
        }
    }

    private static void constants(Machine machine, List<String> lines, Findings findings) {
        Map<String, Long> modelled = modelled(machine);
        for (int i = 0; i < lines.size(); i++) {
            String where = CONSTANTS + ":" + (i + 1);
            Matcher constant = CONSTANT.matcher(lines.get(i));
            Matcher type = MIGRATE_TYPE.matcher(lines.get(i));
            Matcher allocator = ALLOCATOR.matcher(lines.get(i));
            if (lines.get(i).startsWith("CONST addr_")) {
                findings.notModelled(
                        lines.get(i).split("=").length - 1L, "addresses of code and data of that build and boot");
            } else if (constant.matches() && !isOthers(constant.group(1))) {
                long captured = Long.parseLong(constant.group(3), constant.group(2) == null ? DECIMAL : HEX);
                constant(constant.group(1), captured, modelled, where, findings);
            } else if (type.matches()) {
                findings.compare("migrate type " + type.group(1), type.group(2), typeName(machine, type), where);
            } else if (allocator.matches()) {
                String name = machine.objects().name().toUpperCase(Locale.ROOT);
                if (name.equals(allocator.group(1))) {
                    findings.compare("object allocator", allocator.group(1), name, where);
                } else {
                    findings.notModelled(1, "object allocator " + allocator.group(1) + ": there is none");
                }
            }
        }
    }

    private static String typeName(Machine machine, Matcher type) {
        MigrateTypes types = machine.gfp().migrateTypes();
        int index = Integer.parseInt(type.group(1));
        return index < types.count() ? types.type(index).label() : "none";
    }

    private static void constant(
            String name, long captured, Map<String, Long> modelled, String where, Findings findings) {
        if (modelled.containsKey(name)) {
            findings.compare(name, captured, modelled.get(name), where);
        } else if (name.startsWith("sizeof(")) {
            findings.notModelled(1, name + ": no profile tells the sizes of such structures");
        } else if (name.startsWith("mem_map") || name.startsWith("empty_zero_page")) {
            findings.notModelled(1, name + ": depends on what boot puts around it");
        } else {
            findings.notModelled(1, name + ": a number inside the kernel that nothing in the model needs");
        }
    }

    /** Whether a constant belongs to kmalloc or to the masks. */
    private static boolean isOthers(String name) {
        return name.startsWith("KMALLOC_M")
                || name.startsWith("KMALLOC_SHIFT")
                || name.startsWith("GFP_")
                || KMALLOC.contains(name);
    }

    private static Map<String, Long> modelled(Machine machine) {
        Map<String, Long> modelled = new LinkedHashMap<>(machine.layout().constants());
        modelled.put("num_online_cpus()", (long) machine.profile().cpus());
        modelled.put("MIGRATE_TYPES", (long) machine.gfp().migrateTypes().count());
        modelled.put("MIGRATE_PCPTYPES", (long) MigrateTypes.PCPTYPES);
        if (Caches.missing(machine).isEmpty()) {
            modelled.put("ZERO_SIZE_PTR", Subject.kernel(machine).kmalloc(0, Gfp.GFP_KERNEL));
        }
        return modelled;
    }

    private static String address(long value) {
        return String.format("0x%08x", value);
    }

    private static Matcher row(String line) {
        return ROW.matcher(LogLine.text(line));
    }

    private static void rows(Machine machine, List<String> log, Findings findings) {
        for (int i = 0; i < log.size(); i++) {
            Matcher row = row(log.get(i));
            if (row.matches()) {
                String where = BOOT_LOG + ":" + (i + 1);
                String name = row.group(1);
                Region region = machine.layout().regions().stream()
                        .filter(some -> some.name().equals(name))
                        .findFirst()
                        .orElse(new Region(name, 0, 0));
                findings.compare(name + " start", row.group(2), address(region.start()), where);
                findings.compare(name + " end", row.group(3), address(region.end()), where);
            }
        }
    }
}
