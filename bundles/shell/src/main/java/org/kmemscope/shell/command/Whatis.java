package org.kmemscope.shell.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.view.AddressFact;
import org.kmemscope.api.view.HoldingView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code whatis}. */
@Command(
        name = "whatis",
        description =
                "Tells what every layer knows of an address: which area, which object of which cache, which page, who holds it.",
        footerHeading = "%nExample:%n",
        footer = {"  whatis 0xf0800000", "  whatis -p 0x50003000", "  whatis -m article"})
final class Whatis extends ViewCommand<List<Whatis.Findings>> {
    @Parameters(
            paramLabel = "ADDRESS",
            arity = "0..*",
            description = "Virtual addresses, or pages as pfn:0x1234.",
            completionCandidates = Live.Anything.class)
    private List<String> addresses = List.of();

    @Option(names = "-p", description = "The addresses are physical.")
    private boolean physical;

    @Option(
            names = {"-m", "--module"},
            paramLabel = "MODULE",
            description = "Every address that a loaded module holds.",
            completionCandidates = Candidates.LoadedModules.class)
    private String module;

    /** What is known of an address. */
    record Findings(String address, List<AddressFact> facts) {}

    @Override
    List<Findings> view(Call call) {
        Machine machine = call.machine();
        List<Findings> findings = new ArrayList<>();
        if (module != null) {
            machine.modules().holdings(module).forEach(holding -> of(call, machine, holding)
                    .ifPresent(findings::add));
        } else if (addresses.isEmpty()) {
            throw new Failure("say which address, or -m MODULE");
        }
        for (String address : addresses) {
            boolean page = address.startsWith("pfn:");
            long value = page
                    ? (long) call.arguments().page(address) << Profile.PAGE_SHIFT
                    : physical
                            ? call.arguments().address(address)
                            : call.arguments().virtual(address);
            findings.add(page || physical ? ofPhysical(call, machine, value) : ofVirtual(machine, value));
        }
        return findings;
    }

    /** A thing that a module holds; caches and interrupt lines have no address. */
    private static Optional<Findings> of(Call call, Machine machine, HoldingView holding) {
        long address = holding.address();
        Findings found =
                switch (holding.kind()) {
                    case "alloc_pages", "kmap" -> ofPhysical(call, machine, address << Profile.PAGE_SHIFT);
                    case "dma_map_single" -> ofPhysical(call, machine, address);
                    case "kmem_cache", "request_irq" -> null;
                    default -> ofVirtual(machine, address);
                };
        return Optional.ofNullable(found)
                .map(findings -> new Findings(
                        findings.address() + ", " + holding.bytes() + " bytes from " + holding.kind(),
                        findings.facts()));
    }

    private static Findings ofVirtual(Machine machine, long virt) {
        return new Findings(String.format("0x%08x", virt), machine.whatis(virt));
    }

    /** Low memory has an address; of other pages the page itself is told. */
    private static Findings ofPhysical(Call call, Machine machine, long phys) {
        AddressLayout layout = machine.layout();
        long pfn = phys >> Profile.PAGE_SHIFT;
        String title = String.format("physical 0x%08x", phys);
        if (!machine.frames().isValid(pfn)) {
            return new Findings(title, List.of(new AddressFact("physical", "no RAM, no frame of mem_map")));
        }
        if (layout.isLowmem((int) pfn)) {
            long virt = layout.physToVirt(phys);
            return new Findings(String.format("%s, linear 0x%08x", title, virt), machine.whatis(virt));
        }
        List<AddressFact> facts = new ArrayList<>();
        facts.add(new AddressFact("physical", "high memory: no linear address"));
        Page.PageView page = machine.locked(() -> {
            machine.pages().describePage((int) pfn, facts);
            return Page.of(call, machine, (int) pfn);
        });
        facts.add(new AddressFact("mapped", Page.mappings(page)));
        page.origin().ifPresent(origin -> facts.add(new AddressFact("origin", Page.origin(origin))));
        return new Findings(title, facts);
    }

    @Override
    String text(Call call, List<Findings> view) {
        StringBuilder text = new StringBuilder();
        for (Findings finding : view) {
            int width = finding.facts().stream()
                    .mapToInt(fact -> fact.layer().length())
                    .max()
                    .orElse(1);
            text.append(finding.address()).append('\n');
            finding.facts()
                    .forEach(fact -> text.append(String.format("  %-" + width + "s  %s\n", fact.layer(), fact.text())));
        }
        return text.toString();
    }
}
