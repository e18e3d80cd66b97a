package org.kmemscope.vmalloc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.vmalloc.Vmalloc;

/**
 * Real kernels gave an address to each of these calls; the model gives the same one. The recorded lists of areas are compared too, as
 * is the purge in between.
 */
class VmallocVectorTest {
    @ParameterizedTest
    @CsvSource({
        "linux-6.1-686-pae, i386-686-pae-1024M-seed1-vec-vmalloc",
        "linux-6.1-686-pae, i386-686-pae-1024M-seed1-vec-vmalloc-mix",
        "'linux-6.1-686-pae,mem=512M', i386-686-pae-512M-seed1-vec-vmalloc",
        "'linux-6.1-686-pae,mem=512M', i386-686-pae-512M-seed1-vec-vmalloc-mix",
        "linux-6.1-686, i386-686-1024M-seed1-vec-vmalloc",
        "linux-6.1-686, i386-686-1024M-seed1-vec-vmalloc-mix",
        "linux-6.1-armmp, armhf-armmp-1024M-seed1-vec-vmalloc",
        "linux-6.1-armmp, armhf-armmp-1024M-seed1-vec-vmalloc-mix"
    })
    void everyCallGetsTheRealKernelsAddress(String profile, String vector) {
        VectorFile file = new VectorFile(vector);
        Machine machine = TestMachines.boot(profile);
        assertThat(machine.layout().vmallocStart()).isEqualTo(file.constants.get("vmalloc_start"));
        assertThat(machine.layout().vmallocEnd()).isEqualTo(file.constants.get("vmalloc_end"));
        machine.vmalloc().load(file.start);
        assertThat(machine.verify().problems()).isEmpty();
        Replay replay = new Replay(machine);
        for (String operation : file.operations) {
            if (operation.startsWith("INFO")) {
                String[] words = operation.split(" ");
                assertThat(AreaList.summary(machine.vmalloc().areas()))
                        .as(operation)
                        .isEqualTo(AreaList.summary(file.lists.get(Integer.parseInt(words[2]))));
                assertThat(machine.verify().problems()).as(operation).isEmpty();
            } else {
                replay.run(operation);
            }
        }
        assertThat(replay.calls).isGreaterThan(300);
    }

    /** Makes the recorded calls. */
    private static final class Replay {
        private final Vmalloc vmalloc;
        private final int[] pfns;
        private final Map<Long, Integer> ramPages = new HashMap<>();
        private int calls;

        Replay(Machine machine) {
            vmalloc = machine.vmalloc();
            pfns = new int[64];
            for (int i = 0; i < pfns.length; i++) {
                pfns[i] = machine.pages().allocPages(machine.gfp().parse("GFP_KERNEL"), 0);
            }
        }

        void run(String operation) {
            String[] words = operation.split(" ");
            Map<String, String> fields = VectorFile.fields(operation);
            calls++;
            switch (words[0]) {
                case "A" -> allocate(operation, words[2], fields);
                case "F" -> free(words[2], Long.parseLong(fields.get("addr"), 16));
                default -> vmalloc.purge();
            }
        }

        private void allocate(String operation, String kind, Map<String, String> fields) {
            long size = Long.parseLong(fields.get("size"));
            int pages = (int) AreaAllocator.pages(size);
            long address =
                    switch (kind) {
                        case "vmalloc" -> vmalloc.vmalloc(size);
                        case "vmap" ->
                            vmalloc.vmap(Arrays.copyOf(pfns, pages), org.kmemscope.api.mmu.Protection.KERNEL);
                        case "ioremap" -> vmalloc.ioremap(Long.parseLong(fields.get("phys"), 16), size);
                        default -> vmalloc.vmMapRam(Arrays.copyOf(pfns, pages));
                    };
            assertThat(Long.toHexString(address)).as(operation).isEqualTo(fields.get("addr"));
            long area = Long.parseLong(fields.get("area"), 16);
            if (area > 0) {
                assertThat(vmalloc.areaAt(address).orElseThrow())
                        .as(operation)
                        .satisfies(view -> assertThat(view.end() - view.start()).isEqualTo(area));
            } else {
                ramPages.put(address, pages);
            }
        }

        private void free(String call, long address) {
            switch (call) {
                case "vfree" -> vmalloc.vfree(address);
                case "vunmap" -> vmalloc.vunmap(address);
                case "iounmap" -> vmalloc.iounmap(address);
                default -> vmalloc.vmUnmapRam(address, ramPages.remove(address));
            }
        }
    }
}
