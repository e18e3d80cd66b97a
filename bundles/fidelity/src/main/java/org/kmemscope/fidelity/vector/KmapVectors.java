package org.kmemscope.fidelity.vector;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.api.highmem.PkmapState;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.view.KmapView;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;

/**
 * Windows onto high memory: kmap, kunmap, and kmap_local_page in depth. Facts: the constants of the areas, each operation, each slot of a
 * later list, each address of {@code page_address()}.
 *
 * <pre>
 *   PAGES n=1500 pfns=...                      pages are named by their place in it
 *   PKMAP start 1:3e6b4,2:3ed0c                slots with an entry
 *   K prime page=1499 pfn=3e6b4 addr=fec01000  tells where the last search had ended: one slot before
 *   K 0 37 fec02000                            index, page, address
 *   U 3 37
 *   PA 249 0:0 7:fec1a000                      page_address() of some pages
 *   L 0 depth=0 pfn=3dd56 high=1 addr=fffbb000
 *   l 1 depth=0 addr=fffbb000
 * </pre>
 */
public final class KmapVectors extends VectorFamily {
    private static final String FORM = "K 0 37 fec02000";
    private static final int PAGE_SHIFT = 12;

    /** The family of {@code vec-kmap}. */
    public KmapVectors() {
        super("kmap vectors", "vec-kmap");
    }

    @Override
    void compare(Subject subject, String file, Findings findings) {
        VectorText text = VectorText.of(subject.capture(), file);
        Reader reader = new Reader();
        text.read(reader::line);
        int[] pages = reader.pages.stream().mapToInt(Integer::intValue).toArray();
        new Replay(text, reader.steps, () -> {
                    Machine machine = subject.booted();
                    machine.highmem().load(reader.start(machine));
                    return new KmapPlayer(machine, pages);
                })
                .run(findings);
    }

    /** Sorts the lines. */
    private static final class Reader {
        private final List<Integer> pages = new ArrayList<>();
        private final List<Step> steps = new ArrayList<>();
        private final List<KmapView> slots = new ArrayList<>();
        private Line prime;

        void line(Line line) {
            switch (line.word(0)) {
                case "VECTOR", "PRNG", "NOTE", "KMAPLOCAL" -> {
                    // names it; made it; speaks to people; tells which page of low memory is among those that follow
                }
                case "CONST" -> steps.add(Step.check(line, Constants.KMAP.count(line)));
                case "PAGES" -> line.pfns(line.value("pfns"), pages::add);
                case "PKMAP" -> {
                    if (prime == null) {
                        slots(line);
                    } else {
                        steps.add(Step.check(line, KmapPlayer.slots(line).size()));
                    }
                }
                case "PA" -> steps.add(Step.check(line, line.wordCount() - 2L));
                case "K" -> {
                    if (line.word(1).equals(KmapPlayer.PRIME)) {
                        prime = line;
                        steps.add(new Step(line, 0, false));
                    } else {
                        steps.add(Step.operation(line));
                    }
                }
                case "U", "L", "l" -> steps.add(Step.operation(line));
                default -> throw line.unlike(FORM);
            }
        }

        private void slots(Line line) {
            KmapPlayer.slots(line).forEach((slot, pfn) -> slots.add(new KmapView("pkmap", slot, "", 0, pfn, 1)));
        }

        /** Nobody uses a slot at the start; the search goes on from the slot before the one that is used first. */
        PkmapState start(Machine machine) {
            int count = machine.layout().lastPkmap();
            if (prime == null || count == 0) {
                return new PkmapState(0, List.of());
            }
            long first = prime.address("addr") - machine.layout().pkmapBase() >> PAGE_SHIFT;
            if (first < 0 || first >= count) {
                throw prime.wrong(
                        "the address is in none of the " + count + " slots of this kernel", "copy the whole line");
            }
            return new PkmapState((int) (first + count - 1) % count, slots);
        }
    }
}
