package org.kmemscope.dmadriver;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.buddy.BuddyProvider;
import org.kmemscope.dma.EraDmaProvider;
import org.kmemscope.gfp.EraGfpProvider;
import org.kmemscope.machine.MachineFactory;
import org.kmemscope.machine.Providers;
import org.kmemscope.mmu.PageTableMmuProvider;
import org.kmemscope.physmem.SparseMemoryProvider;
import org.kmemscope.slab.SlabProvider;
import org.kmemscope.vmalloc.KernelVmallocProvider;
import org.kmemscope.zone.ZoneProvider;

class DmaCopyModuleTest {
    private Machine machine;
    private int logged;

    private void boot(String specification) {
        MachineFactory factory = new MachineFactory(Path.of("../../config/profiles"));
        Providers providers = new Providers(
                new SparseMemoryProvider(),
                new PageTableMmuProvider(),
                new EraGfpProvider(),
                new BuddyProvider(),
                new ZoneProvider(),
                Optional.of(new SlabProvider()),
                Optional.of(new KernelVmallocProvider()),
                Optional.empty(),
                Optional.of(new EraDmaProvider()));
        machine = factory.boot("board", factory.load(specification), providers);
        logged = machine.log().lines().size();
    }

    private int load(String... parameters) {
        Map<String, String> map = new LinkedHashMap<>();
        for (String parameter : parameters) {
            map.put(parameter.substring(0, parameter.indexOf('=')), parameter.substring(parameter.indexOf('=') + 1));
        }
        return machine.modules().load(new DmaCopyModule(), map);
    }

    private List<String> log() {
        List<KernelLog.Line> lines = machine.log().lines();
        return lines.subList(logged, lines.size()).stream()
                .map(KernelLog.Line::text)
                .toList();
    }

    private void nothingIsLeft() {
        assertThat(machine.dma().mappings()).isEmpty();
        assertThat(machine.modules().list()).isEmpty();
        assertThat(log()).noneMatch(line -> line.contains("leaked"));
        machine.verify().orThrow();
    }

    @ParameterizedTest
    @CsvSource({
        "arm-exynos4412, 0, coherent", "arm-exynos4412, 1, streaming",
        "i386-1g, 0, coherent", "i386-1g, 1, streaming",
        "linux-3.0.15-itop4412, 0, coherent", "linux-3.0.15-itop4412, 1, streaming",
        "linux-6.1-armmp, 0, coherent", "linux-6.1-686-pae, 1, streaming"
    })
    void theControllerCopiesWhileTheDriverSleeps(String profile, String streaming, String kind) {
        boot(profile);
        assertThat(load("size=4000", "streaming=" + streaming)).isZero();
        assertThat(log())
                .singleElement()
                .asString()
                .matches("dmacopy: 4000 bytes, " + kind
                        + ", from 0x[0-9a-f]{8} to 0x[0-9a-f]{8}: COMPLETE after 1 ticks, the bytes are the same");
        assertThat(machine.modules().unload("dmacopy")).isEmpty();
        nothingIsLeft();
    }

    @Test
    void aLargeBufferTakesMoreTicks() {
        boot("arm-exynos4412");
        assertThat(load("size=100000")).isZero();
        assertThat(log()).singleElement().asString().endsWith("COMPLETE after 7 ticks, the bytes are the same");
        machine.modules().unload("dmacopy");
        nothingIsLeft();
    }

    /** The handler is refused what may sleep. A real kernel complains in the same words, and may or may not survive; the model stops. */
    @ParameterizedTest
    @ValueSource(strings = {"arm-exynos4412", "i386-1g"})
    void sleepingInTheInterruptHandlerIsRefusedAndTold(String profile) {
        boot(profile);
        assertThat(load("sleep_in_irq=1")).isEqualTo(-14);
        assertThat(log())
                .anyMatch(line -> line.startsWith("BUG: sleeping function called from invalid context at "))
                .anyMatch(line -> line.startsWith("in_atomic(): 1, irqs_disabled(): 1, pid: 2, name: insmod"))
                .anyMatch(line -> line.startsWith("dmacopy: module_init was killed: BUG: sleeping function"))
                .anyMatch(line -> line.startsWith("dmacopy: leaked dma_alloc_coherent"))
                .anyMatch(line -> line.startsWith("dmacopy: leaked request_irq"));
        assertThat(machine.context().inInterrupt()).isFalse();
        machine.verify().orThrow();
    }

    @ParameterizedTest
    @CsvSource({"device=usb0, -19", "size=0, -22", "size=lots, -22", "size=100000000, -12"})
    void whatCannotBeIsRefusedAndNothingIsLeft(String parameter, int errno) {
        boot("arm-exynos4412");
        assertThat(load(parameter)).isEqualTo(errno);
        nothingIsLeft();
    }

    /** A device that is no controller takes no orders. */
    @Test
    void aDeviceThatIsNoControllerIsRefused() {
        boot("linux-6.1-686-pae");
        assertThat(load("device=isa0")).isNegative();
        nothingIsLeft();
    }
}
