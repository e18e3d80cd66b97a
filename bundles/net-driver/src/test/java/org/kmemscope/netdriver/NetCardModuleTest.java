package org.kmemscope.netdriver;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.buddy.BuddyProvider;
import org.kmemscope.dcache.LineCacheProvider;
import org.kmemscope.dma.EraDmaProvider;
import org.kmemscope.gfp.EraGfpProvider;
import org.kmemscope.machine.MachineFactory;
import org.kmemscope.machine.Providers;
import org.kmemscope.mmu.PageTableMmuProvider;
import org.kmemscope.physmem.SparseMemoryProvider;
import org.kmemscope.slab.SlabProvider;
import org.kmemscope.vmalloc.KernelVmallocProvider;
import org.kmemscope.zone.ZoneProvider;

/** The driver with traffic: done right, and with each mistake, which is told in one line with the place. */
class NetCardModuleTest {
    private Machine machine;
    private DmaDevice card;
    private int logged;

    @BeforeEach
    void boot() {
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
                        Optional.of(new EraDmaProvider()))
                .withCache(new LineCacheProvider());
        machine = factory.boot("board", factory.load("arm-board28"), providers);
        machine.provenance().enable(true);
        card = machine.dma().devices().stream()
                .filter(device -> device.name().equals("card0"))
                .findFirst()
                .orElseThrow();
        logged = machine.log().lines().size();
    }

    private int load(String... parameters) {
        Map<String, String> map = new LinkedHashMap<>();
        for (String parameter : parameters) {
            map.put(parameter.substring(0, parameter.indexOf('=')), parameter.substring(parameter.indexOf('=') + 1));
        }
        return machine.modules().load(new NetCardModule(), map);
    }

    private void frame(String text) {
        machine.locked(() -> machine.dma().receive(card, text.getBytes()));
        machine.tick(4);
    }

    private List<String> sent() {
        return machine.dma().sent(card).stream().map(String::new).toList();
    }

    private List<String> told() {
        List<KernelLog.Line> lines = machine.log().lines();
        return lines.subList(logged, lines.size()).stream()
                .filter(line -> line.level() <= KernelLog.WARNING)
                .map(KernelLog.Line::text)
                .toList();
    }

    private List<String> log() {
        List<KernelLog.Line> lines = machine.log().lines();
        return lines.subList(logged, lines.size()).stream()
                .map(KernelLog.Line::text)
                .toList();
    }

    private void unload() {
        machine.modules().unload("netcard");
        machine.verify().orThrow();
    }

    @Test
    void everyFrameComesBackAndNothingIsTold() {
        assertThat(load("ring=4")).isZero();
        for (int i = 0; i < 11; i++) {
            frame("frame number " + i);
        }
        assertThat(sent()).hasSize(11).startsWith("frame number 0").endsWith("frame number 10");
        machine.verify().orThrow();
        unload();
        assertThat(told()).isEmpty();
        assertThat(log()).last().isEqualTo("netcard: 11 frames received, 11 sent, 0 dropped");
        assertThat(machine.dma().mappings()).isEmpty();
        assertThat(machine.modules().list()).isEmpty();
    }

    @Test
    void framesInABurstAreTakenOneEachTick() {
        load("ring=4");
        machine.locked(() -> {
            for (int i = 0; i < 20; i++) {
                machine.dma().receive(card, ("burst " + i).getBytes());
            }
            return null;
        });
        machine.tick(40);
        assertThat(sent()).hasSize(20).endsWith("burst 19");
        unload();
        assertThat(told()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "null_device | WARNING: dma_alloc_coherent() with a NULL device: the mask of the board is taken, at Ring.allocate:",
                "wrong_variable | kmemscope: DMA: wrong variable at NetCardModule.start:",
                "vmalloc | platform card0: DMA-API: device driver maps memory from vmalloc area [addr=",
                "out_of_reach | kmemscope: card0 stops: bus error: card0: bus address 0x",
                "unchecked | platform card0: DMA-API: device driver failed to check map error[device address=0x",
                "no_sync | kmemscope: DMA: dma_sync_single_for_cpu() is missing before Receiver.take:",
                "late_write | kmemscope: DMA: dma_sync_single_for_device() is missing after Sender.send:",
                "wrong_direction | kmemscope: DMA: wrong direction at Receiver.map:",
                "shared_line | kmemscope: DMA: the buffer of card0 at physical 0x",
                "early_free | kmemscope: DMA: dma_unmap_single() is missing before Sender.send:"
            })
    void eachMistakeIsToldWithThePlace(String mistake, String line) {
        int result = load("mistake=" + mistake, "ring=2");
        if (result == 0) {
            for (int i = 0; i < 4; i++) {
                frame("hello card " + i);
            }
            machine.modules().unload("netcard");
        }
        assertThat(told().get(0)).startsWith(line).contains("[netcard]");
        machine.verify().orThrow();
    }

    @Test
    void parametersThatMakeNoSenseAreRefused() {
        assertThat(load("mistake=all")).isEqualTo(-22);
        assertThat(load("ring=0")).isEqualTo(-22);
        assertThat(load("ring=x")).isEqualTo(-22);
        assertThat(load("device=dma7")).isEqualTo(-19);
        assertThat(log().get(0)).contains("mistake= one of none, null_device, wrong_variable");
        assertThat(machine.modules().list()).isEmpty();
    }
}
