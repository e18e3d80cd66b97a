package org.kmemscope.dma;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaBuffer;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;

/** What real 6.1 kernels answered, by mask and size: the model must answer the same, as far as an answer does not depend on the boot. */
class OracleDmaTest {
    private Machine machine;
    private Kernel kernel;
    private DmaDevice device;

    private static List<String> oracle(String machine) {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
                OracleDmaTest.class.getResourceAsStream("/oracle/" + machine + ".txt"), StandardCharsets.UTF_8))) {
            return in.lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void boot(String specification) {
        machine = TestMachines.boot(specification);
        kernel = TestMachines.kernel(machine);
        device = TestMachines.device(machine, "dma0");
    }

    private static long number(Map<String, String> fields, String name) {
        return Long.decode(fields.get(name));
    }

    private static long mask(long bits) {
        return bits == 64 ? -1L : (1L << bits) - 1;
    }

    private void setMasks(long mask) {
        kernel.dmaSetMask(device, mask);
        machine.dma().setCoherentMask(device, mask);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "linux-6.1-686",
                "linux-6.1-686-pae",
                "linux-6.1-686-pae,mem=512M",
                "linux-6.1-armmp",
                "linux-6.1-armmp-lpae"
            })
    void masksAndStreamingMappingsAreAnsweredAlike(String specification) {
        boot(specification);
        int mappings = 0;
        for (String line : oracle(specification)) {
            Map<String, String> fields = fields(line);
            if (line.startsWith("EXP dma_set_mask")) {
                long mask = mask(number(fields, "bits"));
                assertThat(kernel.dmaSetMask(device, mask)).as(line).isEqualTo((int) number(fields, "rc"));
                assertThat(kernel.dmaSetCoherentMask(device, mask)).as(line).isZero();
            } else if (line.startsWith("EXP dma_map_single")) {
                long handle = kernel.dmaMapSingle(device, number(fields, "buf"), 1000, Direction.DMA_TO_DEVICE);
                assertThat("0x" + Long.toHexString(handle)).as(line).isEqualTo(fields.get("dma"));
                boolean failed = number(fields, "err") != 0;
                assertThat(kernel.dmaMappingError(device, handle)).as(line).isEqualTo(failed);
                if (!failed) {
                    kernel.dmaUnmapSingle(device, handle, 1000, Direction.DMA_TO_DEVICE);
                }
                mappings++;
            }
        }
        assertThat(mappings).isEqualTo(12);
        assertThat(machine.dma().mappings()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"linux-6.1-686", "linux-6.1-686-pae", "linux-6.1-686-pae,mem=512M"})
    void coherentMemoryOfAPcComesFromTheCapturedZone(String specification) {
        boot(specification);
        int buffers = 0;
        for (String line : oracle(specification)) {
            Map<String, String> fields = fields(line);
            if (line.startsWith("EXP dma_set_mask")) {
                setMasks(mask(number(fields, "bits")));
            } else if (line.startsWith("EXP dma_alloc_coherent") && !line.contains("mask=0 ")) {
                boolean atomic = line.startsWith("EXP dma_alloc_coherent_atomic");
                long size = number(fields, "size");
                DmaBuffer buffer = kernel.dmaAllocCoherent(device, size, atomic ? Gfp.GFP_ATOMIC : Gfp.GFP_KERNEL);
                int zone = machine.frames().zone((int) (buffer.handle() >>> 12));
                assertThat(machine.pages().zoneType(zone).label())
                        .as(line)
                        .isEqualTo(number(fields, "dma") < 0x100_0000 ? "DMA" : "Normal");
                assertThat(buffer.virt()).as(line).isEqualTo(buffer.handle() + 0xc000_0000L);
                long align = 4096L << Orders.ofPages(Orders.pages(size));
                assertThat(number(fields, "dma") % align)
                        .as("the capture: %s", line)
                        .isZero();
                assertThat(buffer.handle() % align).as(line).isZero();
                kernel.dmaFreeCoherent(device, buffer);
                buffers++;
            }
        }
        assertThat(buffers).isEqualTo(60);
        machine.verify().orThrow();
    }

    /** No driver can set a mask of 0; a bus that forgot to set one leaves it so. A PC's kernel gives nothing then, ARM's does. */
    @ParameterizedTest
    @ValueSource(strings = {"linux-6.1-686", "linux-6.1-686-pae", "linux-6.1-armmp", "linux-6.1-armmp-lpae"})
    void aMaskOfZeroIsAnsweredAlike(String specification) {
        boot(specification);
        assertThat(kernel.dmaSetCoherentMask(device, 0)).isEqualTo(-5);
        String line = oracle(specification).stream()
                .filter(text -> text.startsWith("EXP dma_alloc_coherent mask=0 "))
                .findFirst()
                .orElseThrow();
        CoherentRule rule = Era.of(machine, machine.vmalloc()).coherent();
        Placed placed = machine.locked(
                () -> rule.take(device, new Aperture(0, 0), 4096, machine.gfp().of(Gfp.GFP_KERNEL)));
        assertThat(placed.failed()).as(line).isEqualTo(line.contains("cpu=0x0 "));
    }

    /** The area for contiguous memory serves whoever may sleep, whatever the mask: bus addresses are those of the capture. */
    @ParameterizedTest
    @ValueSource(strings = {"linux-6.1-armmp", "linux-6.1-armmp-lpae"})
    void coherentMemoryOfAnArmBoardHasTheCapturedBusAddress(String specification) {
        boot(specification);
        int buffers = 0;
        for (String line : oracle(specification)) {
            Map<String, String> fields = fields(line);
            if (line.startsWith("EXP dma_set_mask")) {
                setMasks(mask(number(fields, "bits")));
            } else if (line.startsWith("EXP dma_alloc_coherent") && !line.contains("mask=0 ")) {
                boolean atomic = line.startsWith("EXP dma_alloc_coherent_atomic");
                DmaBuffer buffer = kernel.dmaAllocCoherent(
                        device, number(fields, "size"), atomic ? Gfp.GFP_ATOMIC : Gfp.GFP_KERNEL);
                assertThat("0x" + Long.toHexString(buffer.handle())).as(line).isEqualTo(fields.get("dma"));
                assertThat(machine.vmalloc().isVmallocAddress(buffer.virt()))
                        .as(line)
                        .isEqualTo(number(fields, "vmalloc") == 1);
                kernel.dmaFreeCoherent(device, buffer);
                buffers++;
            }
        }
        assertThat(buffers).isEqualTo(60);
        machine.verify().orThrow();
    }

    /** The lines of {@code dmesg}, without the name of the device. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "linux-6.1-686 | 0xc2c5ac00 | DMA addr 0x02c5ac00+1000 overflow (mask ffffff, bus limit 0).",
                "linux-6.1-686-pae | 0xc2330000 | DMA addr 0x0000000002330000+1000 overflow (mask ffffff, bus limit 0).",
                "linux-6.1-armmp | 0xc1ce0000 | DMA addr 0x0000000041ce0000+1000 overflow (mask ffffff, bus limit 0).",
                "linux-6.1-armmp-lpae | 0xc23e8c00 | DMA addr 0x00000000423e8c00+1000 overflow (mask ffffff, bus limit 0)."
            })
    void aBufferOutOfReachIsReportedInTheCapturedWords(String specification, String buffer, String line) {
        boot(specification);
        setMasks(Masks.BITS_24);
        long before = machine.log().lines().size();
        long handle = kernel.dmaMapSingle(device, Long.decode(buffer), 1000, Direction.DMA_TO_DEVICE);
        assertThat(handle).isEqualTo(machine.dma().mappingError());
        // WARN() speaks first on i386, and last on ARM
        assertThat(TestMachines.logSince(machine, before))
                .containsExactlyInAnyOrder(
                        "platform dma0: " + line, "WARNING: CPU: 0 PID: 1 at kernel/dma/direct.h dma_map_page_attrs");
    }

    private static Map<String, String> fields(String line) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String word : line.split(" ")) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                fields.put(word.substring(0, equals), word.substring(equals + 1));
            }
        }
        return fields;
    }
}
