package org.kmemscope.fidelity.vector;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.api.capture.MachineSeed;
import org.kmemscope.api.ground.DeviceSpec;
import org.kmemscope.api.page.PageState;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;

/**
 * Coherent memory for a device with a mask: plain pages, or pieces of the atomic pool. Facts: each operation, the facts of the end state.
 *
 * <pre>
 *   VECTOR dma-24 seed=1 rc=0                          the mask has 24 bits
 *   A 0 size=6733 virt=c0100000 dma=100000             where the CPU sees it, where the device does; 0 without memory
 *   F 3 size=97 virt=c0102000 dma=102000
 * </pre>
 *
 * <p>Where boot mapped the atomic pool depends on all that it mapped before; no state in the vector tells. The machine maps it where a list
 * of areas beside the vector has it, and that address is a fact of its own. Without such a list it is not modelled. Either way the addresses
 * of the pieces are compared by their distance from it, their bus addresses as they are.
 */
public final class DmaVectors extends VectorFamily {
    private static final String FORM = "A 0 size=6733 virt=c0100000 dma=100000";
    private static final Pattern NAME = Pattern.compile("dma-(\\d{1,2})");
    private static final int MOST_BITS = 64;

    /** The family of {@code vec-dma-*}. */
    public DmaVectors() {
        super("dma vectors", "vec-dma-");
    }

    @Override
    void compare(Subject subject, String file, Findings findings) {
        VectorText text = VectorText.of(subject.capture(), file);
        Optional<PageState> start = subject.capture().state(file, PageVector.START);
        Optional<PageState> end = subject.capture().state(file, PageVector.END);
        Reader reader = new Reader(end);
        text.read(reader::line);
        if (start.isEmpty() || reader.bits == 0) {
            throw text.cut("there is no 'STATE start', or no name such as 'VECTOR dma-24'");
        }
        MachineSeed seed = seed(subject.seed(), start.get(), reader.bits);
        boolean listed = !seed.vmalloc().areas().isEmpty();
        new Replay(text, reader.steps, () -> new DmaPlayer(subject.cloned(seed), end, listed)).run(findings);
    }

    /** The machine of the capture with one more device. */
    private static MachineSeed seed(MachineSeed captured, PageState start, int bits) {
        long mask = bits >= MOST_BITS ? -1 : (1L << bits) - 1;
        return new MachineSeed(
                captured.profile().withDevice(new DeviceSpec(DmaPlayer.DEVICE, "bus-master", mask, mask, 0, 0, 0)),
                Optional.of(start),
                true,
                List.of(),
                Optional.empty(),
                captured.vmalloc(),
                List.of());
    }

    /** Sorts the lines. */
    private static final class Reader {
        private final Optional<PageState> end;
        private final List<Step> steps = new ArrayList<>();
        private int bits;

        Reader(Optional<PageState> end) {
            this.end = end;
        }

        void line(Line line) {
            switch (line.word(0)) {
                case "PRNG", "NOTE", "CONST" -> {
                    // made it; speaks to people; nothing that is compared
                }
                case "VECTOR" -> {
                    Matcher name = NAME.matcher(line.word(1));
                    bits = name.matches() ? Integer.parseInt(name.group(1)) : 0;
                }
                case "STATE" -> {
                    if (line.word(1).equals(PageVector.END) && end.isPresent()) {
                        steps.add(Step.check(line, PageStateFacts.count(end.get())));
                    }
                }
                case "A", "F" -> steps.add(Step.operation(line));
                default -> throw line.unlike(FORM);
            }
        }
    }
}
