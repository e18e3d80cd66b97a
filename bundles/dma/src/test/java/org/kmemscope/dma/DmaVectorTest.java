package org.kmemscope.dma;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kmemscope.api.dma.DmaBuffer;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.page.PageState;

/** 200 operations each of real 6.1 kernels: every answer must be the same. */
class DmaVectorTest {
    private final Map<Long, DmaBuffer> live = new HashMap<>();

    /** Plain pages: from the captured state of the page allocator, each buffer has the captured address, and the end state is the same. */
    @ParameterizedTest
    @CsvSource({
        "linux-6.1-686, i386-686-1024M, 24",
        "linux-6.1-686, i386-686-1024M, 32",
        "'linux-6.1-686-pae,mem=512M', i386-686-pae-512M, 24",
        "'linux-6.1-686-pae,mem=512M', i386-686-pae-512M, 32",
        "linux-6.1-686-pae, i386-686-pae-1024M, 24",
        "linux-6.1-686-pae, i386-686-pae-1024M, 32"
    })
    void everyBufferOfAPcHasTheCapturedAddress(String profile, String vectorName, int bits) {
        DmaVector vector = DmaVector.read(vectorName + "-vec-dma-" + bits);
        Machine machine = TestMachines.boot(profile);
        machine.pages().load(vector.states.get("start"));
        Kernel kernel = TestMachines.kernel(machine);
        DmaDevice device = deviceWithMask(machine, kernel, bits);
        int gfp = machine.gfp().parse("GFP_NOWAIT|__GFP_NOWARN");
        for (String line : vector.operations) {
            Map<String, String> fields = DmaVector.fields(line);
            long virt = DmaVector.hex(fields, "virt");
            if (line.startsWith("A ")) {
                DmaBuffer buffer = kernel.dmaAllocCoherent(device, Long.parseLong(fields.get("size")), gfp);
                assertThat(Long.toHexString(buffer.virt())).as(line).isEqualTo(fields.get("virt"));
                assertThat(Long.toHexString(buffer.handle())).as(line).isEqualTo(fields.get("dma"));
                live.put(virt, buffer);
            } else {
                kernel.dmaFreeCoherent(device, live.remove(virt));
            }
        }
        assertThat(machine.dma().mappings()).isEmpty();
        assertThat(vector.operations).hasSizeGreaterThanOrEqualTo(200);
        sameState(machine.pages().state(), vector.states.get("end"));
    }

    private static void sameState(PageState actual, PageState expected) {
        for (PageState.ZoneState zone : expected.zones()) {
            PageState.ZoneState mine = actual.zones().get(zone.index());
            if (zone.spanned() > 0) {
                assertThat(mine.free())
                        .as("free pages of zone %d", zone.index())
                        .isEqualTo(zone.free());
                assertThat(mine.freeLists())
                        .as("free lists of zone %d", zone.index())
                        .usingRecursiveComparison()
                        .isEqualTo(zone.freeLists());
                assertThat(mine.perCpu().get(0).lists())
                        .as("per-CPU lists of zone %d", zone.index())
                        .usingRecursiveComparison()
                        .ignoringFields("types")
                        .isEqualTo(zone.perCpu().get(0).lists());
            }
        }
    }

    /**
     * The atomic pool: bus addresses are the captured ones, as the pool is the first piece of the area for contiguous memory, which boot
     * puts where the real kernel put it. Virtual addresses keep their distance from the pool's begin, which depends on what else boot
     * mapped.
     */
    @ParameterizedTest
    @CsvSource({"24", "32"})
    void everyBufferOfAnArmBoardHasTheCapturedAddress(int bits) {
        DmaVector vector = DmaVector.read("armhf-armmp-1024M-vec-dma-" + bits);
        Machine machine = TestMachines.boot("linux-6.1-armmp");
        Kernel kernel = TestMachines.kernel(machine);
        DmaDevice device = deviceWithMask(machine, kernel, bits);
        int gfp = machine.gfp().parse("GFP_NOWAIT|__GFP_NOWARN");
        long captured = DmaVector.hex(DmaVector.fields(vector.operations.get(0)), "virt");
        long distance = machine.layout().vmallocStart() - captured;
        int failed = 0;
        for (String line : vector.operations) {
            Map<String, String> fields = DmaVector.fields(line);
            long virt = DmaVector.hex(fields, "virt");
            if (line.startsWith("A ")) {
                DmaBuffer buffer = kernel.dmaAllocCoherent(device, Long.parseLong(fields.get("size")), gfp);
                assertThat(Long.toHexString(buffer.handle())).as(line).isEqualTo(fields.get("dma"));
                assertThat(buffer.virt()).as(line).isEqualTo(virt == 0 ? 0 : virt + distance);
                failed += virt == 0 ? 1 : 0;
                live.put(virt, buffer);
            } else {
                kernel.dmaFreeCoherent(device, live.remove(virt));
            }
        }
        assertThat(failed).isPositive();
        assertThat(machine.dma().mappings()).isEmpty();
        machine.verify().orThrow();
    }

    private static DmaDevice deviceWithMask(Machine machine, Kernel kernel, int bits) {
        DmaDevice device = TestMachines.device(machine, "dma0");
        assertThat(kernel.dmaSetMask(device, (1L << bits) - 1)).isZero();
        assertThat(kernel.dmaSetCoherentMask(device, (1L << bits) - 1)).isZero();
        return device;
    }
}
