package org.kmemscope.diskdriver;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.trace.TracePoint;
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

/** A disk that an engine serves. */
class DiskModuleTest {
    private Machine machine;
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
        logged = machine.log().lines().size();
    }

    private int load(String... parameters) {
        Map<String, String> map = new LinkedHashMap<>();
        for (String parameter : parameters) {
            map.put(parameter.substring(0, parameter.indexOf('=')), parameter.substring(parameter.indexOf('=') + 1));
        }
        return machine.modules().load(new DiskModule(), map);
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

    @ParameterizedTest
    @CsvSource({"0, 64, 1", "1900, 148, 1", "3, 1, 1", "10, 200, 0"})
    void whatIsWrittenIsReadBack(int sector, int sectors, int merge) {
        assertThat(load("sector=" + sector, "sectors=" + sectors, "merge=" + merge))
                .isZero();
        assertThat(log())
                .singleElement()
                .asString()
                .startsWith("disk: " + sectors + " sectors from " + sector + " on written and read in ")
                .endsWith(" ticks, 0 bytes are different");
        assertThat(told()).isEmpty();
        machine.modules().unload("disk");
        assertThat(machine.dma().mappings()).isEmpty();
        assertThat(machine.modules().list()).isEmpty();
        assertThat(log()).noneMatch(line -> line.contains("leaked"));
        machine.verify().orThrow();
    }

    @Test
    void adjacentPagesAreOneSegment() {
        List<Long> sizes = new ArrayList<>();
        machine.trace().listen((point, header, values) -> sizes.add(values[3]), TracePoint.DMA_MAP);
        load("sectors=64");
        assertThat(sizes).hasSizeLessThan(16).allMatch(size -> size > 4096);
        sizes.clear();
        machine.modules().unload("disk");
        load("sectors=64", "merge=0");
        assertThat(sizes).hasSize(16).containsOnly(4096L);
    }

    @Test
    void sectorsThatThereAreNotAreAnError() {
        assertThat(load("sector=2040", "sectors=16")).isEqualTo(-5);
        assertThat(log()).contains("disk: the disk has no such sectors");
        assertThat(machine.dma().mappings()).isEmpty();
        machine.verify().orThrow();
        assertThat(load("sectors=1000")).isEqualTo(-22);
        assertThat(load("sectors=many")).isEqualTo(-22);
        assertThat(load("engine=dma9")).isEqualTo(-19);
    }
}
