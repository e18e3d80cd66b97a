package org.kmemscope.machine.profile;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.kmemscope.api.ground.ArchSpec.Arch;
import org.kmemscope.api.ground.DeviceSpec;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelVersion;

/**
 * A profile file, read and checked by itself: no size or number of processors chosen yet.
 *
 * @param name name of the profile: its file without {@code .json}
 * @param root the whole file
 * @param title one line about it
 * @param kernel which kernel
 * @param config its options
 * @param arch which processor
 * @param cpus processors, if nobody asks for another number
 * @param mem bytes of RAM, if nobody asks for another size
 * @param memory where RAM is
 * @param devices devices
 * @param providers implementations by part, best first
 */
record ProfileFile(
        String name,
        Node root,
        String title,
        KernelSection kernel,
        KernelConfig config,
        ArchSection arch,
        int cpus,
        long mem,
        MemoryMap memory,
        List<DeviceSpec> devices,
        Map<String, List<String>> providers) {
    private static final List<String> KEYS =
            List.of("title", "notes", "kernel", "config", "arch", "cpus", "mem", "memory", "devices", "providers");
    private static final List<String> PARTS = List.of("page", "object");
    private static final int MAX_CPUS = 64;

    /**
     * Checks the contents of a file.
     *
     * @throws ProfileException with everything that is wrong
     */
    static ProfileFile of(String name, Node root) {
        Problems problems = new Problems();
        Fields fields = new Fields(root, problems, KEYS);
        problems.check();
        ArchSection arch = ArchSection.read(fields, problems);
        MemoryMap memory = memory(fields, problems);
        ProfileFile file = new ProfileFile(
                name,
                root,
                fields.text("title"),
                KernelSection.read(fields, problems),
                new ConfigOptions().read(fields.get("config"), arch.arch(), problems),
                arch,
                fields.integer("cpus", 1, MAX_CPUS, 1),
                mem(fields, memory, problems),
                memory,
                DeviceList.read(fields.list("devices"), problems),
                providers(fields, problems));
        fields.list("notes").forEach(fields::textOf);
        checkVersion(file, problems);
        problems.check();
        return file;
    }

    /** What only the version can tell. */
    private static void checkVersion(ProfileFile file, Problems problems) {
        KernelVersion version = file.kernel().version();
        Optional<Node> kernel = Optional.ofNullable(file.root().members().get("kernel"))
                .map(Node.Member::value)
                .filter(node -> node.members().containsKey("version"));
        if (kernel.isEmpty()) {
            return;
        }
        if (!version.isAtLeast(2, 6, 24)) {
            Node at = kernel.get().members().get("version").value();
            problems.at(at, "%s is too old: rules are known from 2.6.24 on", version);
        }
        boolean board = file.arch().arch() == Arch.ARM && !version.isAtLeast(3, 3);
        if (board && file.kernel().build().vmallocEnd() == 0) {
            problems.at(kernel.get(), "missing key 'vmallocEnd': before 3.3 each ARM board has its own VMALLOC_END");
        }
    }

    /** Where to point at when the size is wrong. */
    Node whereMem() {
        return root.members()
                .get(root.members().containsKey("mem") ? "mem" : "memory")
                .value();
    }

    /** Where to point at when the number of processors is wrong. */
    Node whereCpus() {
        return root.members().containsKey("cpus") ? root.members().get("cpus").value() : root;
    }

    /** Where to point at when the kernel image is wrong. */
    Node whereImage() {
        return root.members().get("kernel").value().members().get("image").value();
    }

    private static long mem(Fields fields, MemoryMap memory, Problems problems) {
        if (memory.defaultSize() == 0 && fields.has("memory")) {
            fields.require("mem");
        }
        return fields.pages("mem", memory.defaultSize());
    }

    private static MemoryMap memory(Fields fields, Problems problems) {
        Optional<Node> node = fields.require("memory");
        if (node.isPresent() && node.get().kind() == Node.Kind.TEXT) {
            String rule = node.get().text();
            if (MemoryRule.of(rule).isEmpty()) {
                problems.at(node.get(), "there is no rule '%s'; %s", rule, Nearest.hint(rule, MemoryRule.names()));
            }
            return MemoryRule.of(rule).orElse(MemoryRule.PC);
        }
        return MemoryList.read(fields.list("memory"), problems);
    }

    private static Map<String, List<String>> providers(Fields fields, Problems problems) {
        Fields parts = fields.object("providers", PARTS);
        Map<String, List<String>> providers = new LinkedHashMap<>();
        for (String part : PARTS) {
            parts.get(part).ifPresent(node -> {
                boolean list = node.kind() == Node.Kind.LIST;
                List<String> names =
                        list ? node.items().stream().map(parts::textOf).toList() : List.of(parts.textOf(node));
                if (names.isEmpty()) {
                    problems.at(node, "names no implementation");
                }
                providers.put(part, names);
            });
        }
        return providers;
    }
}
