package org.kmemscope.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaBuffer;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.dma.DmaSegment;
import org.kmemscope.api.dma.ScatterEntry;
import org.kmemscope.api.error.BusError;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.machine.Machine;

/** CPU and device in turns, on a board with a data cache: what each sees, and what is told of those who do not keep to it. */
class TurnsTest {
    private static final String TOLD = "kmemscope: DMA: ";

    private Machine machine = TestMachines.cached("arm-board28");
    private DmaDevice card = TestMachines.device(machine, "card0");
    private long logged = machine.log().lines().size();

    private Kernel at(String place) {
        return machine.kernel(Caller.of(1, "test", place));
    }

    private List<String> log() {
        return TestMachines.logSince(machine, logged);
    }

    private long buffer() {
        return at("alloc.c:1").kmalloc(256, at("alloc.c:1").gfp(Gfp.GFP_KERNEL, Gfp.__GFP_DMA));
    }

    private long map(long virt, long size, Direction direction) {
        long handle = at("map.c:2").dmaMapSingle(card, virt, size, direction);
        assertThat(at("map.c:3").dmaMappingError(card, handle)).isFalse();
        return handle;
    }

    private void fresh(String profile) {
        machine = TestMachines.cached(profile);
        card = TestMachines.device(machine, "dma0");
        logged = machine.log().lines().size();
    }

    // ---- the right way

    @Test
    void inTurnEachSeesWhatTheOtherWroteAndNothingIsTold() {
        long virt = buffer();
        at("w.c:1").write(virt, "to the device".getBytes());
        long handle = map(virt, 256, Direction.DMA_BIDIRECTIONAL);
        assertThat(handle).isEqualTo(machine.layout().virtToPhys(virt) - 0x4000_0000L);
        assertThat(new String(machine.dma().deviceRead(card, handle, 13))).isEqualTo("to the device");
        machine.dma().deviceWrite(card, handle, "to the CPU".getBytes());
        at("s.c:1").dmaSyncSingleForCpu(card, handle, 256, Direction.DMA_BIDIRECTIONAL);
        assertThat(at("r.c:1").readString(virt, 10)).isEqualTo("to the CPU");
        at("w.c:2").write(virt + 64, "again".getBytes());
        at("s.c:2").dmaSyncSingleForDevice(card, handle, 256, Direction.DMA_BIDIRECTIONAL);
        assertThat(new String(machine.dma().deviceRead(card, handle + 64, 5))).isEqualTo("again");
        machine.dma().deviceWrite(card, handle, "the end".getBytes());
        at("u.c:1").dmaUnmapSingle(card, handle, 256, Direction.DMA_BIDIRECTIONAL);
        assertThat(at("r.c:2").readString(virt, 7)).isEqualTo("the end");
        at("f.c:1").kfree(virt);
        assertThat(log()).isEmpty();
        machine.verify().orThrow();
    }

    @Test
    void coherentMemoryNeedsNoTurns() {
        DmaBuffer buffer = at("a.c:1").dmaAllocCoherent(card, 4096, Gfp.GFP_KERNEL);
        assertThat(buffer.failed()).isFalse();
        at("w.c:1").write(buffer.virt(), "ring".getBytes());
        assertThat(new String(machine.dma().deviceRead(card, buffer.handle(), 4)))
                .isEqualTo("ring");
        machine.dma().deviceWrite(card, buffer.handle(), "done".getBytes());
        assertThat(at("r.c:1").readString(buffer.virt(), 4)).isEqualTo("done");
        at("f.c:1").dmaFreeCoherent(card, buffer);
        assertThat(log()).isEmpty();
        machine.verify().orThrow();
    }

    // ---- out of turn

    @Test
    void aReadWithoutSyncIsStaleAndTold() {
        long virt = buffer();
        long handle = map(virt, 256, Direction.DMA_FROM_DEVICE);
        machine.dma().deviceWrite(card, handle, "news".getBytes());
        assertThat(at("rx.c:10").readString(virt, 4)).isEmpty();
        at("rx.c:11").readString(virt, 4);
        assertThat(log())
                .containsExactly(TOLD
                        + String.format(
                                "dma_sync_single_for_cpu() is missing before rx.c:10, which reads 1 byte at 0x%08x while they"
                                        + " are card0's (mapped DMA_FROM_DEVICE at map.c:2): 1 byte is stale",
                                virt));
        at("rx.c:12").dmaSyncSingleForCpu(card, handle, 256, Direction.DMA_FROM_DEVICE);
        assertThat(at("rx.c:13").readString(virt, 4)).isEqualTo("news");
        machine.verify().orThrow();
    }

    @Test
    void aWriteWithoutSyncIsNotSeenByTheDeviceAndTold() {
        long virt = buffer();
        at("tx.c:1").write(virt, "old".getBytes());
        long handle = map(virt, 256, Direction.DMA_TO_DEVICE);
        at("tx.c:7").write(virt, "new".getBytes());
        assertThat(log()).isEmpty();
        assertThat(new String(machine.dma().deviceRead(card, handle, 3))).isEqualTo("old");
        assertThat(log())
                .containsExactly(TOLD
                        + "dma_sync_single_for_device() is missing after tx.c:7, which wrote to the buffer of card0 (mapped"
                        + " DMA_TO_DEVICE at map.c:2): card0 reads 3 bytes that memory had before");
        at("tx.c:8").dmaSyncSingleForDevice(card, handle, 256, Direction.DMA_TO_DEVICE);
        assertThat(new String(machine.dma().deviceRead(card, handle, 3))).isEqualTo("new");
    }

    @Test
    void onAMachineWithCoherentCachesTheSameIsToldToDoNoHarm() {
        machine = TestMachines.boot("linux-6.1-686");
        card = TestMachines.device(machine, "dma0");
        logged = machine.log().lines().size();
        long virt = at("a.c:1").kmalloc(64, Gfp.GFP_KERNEL);
        long handle = map(virt, 64, Direction.DMA_FROM_DEVICE);
        machine.dma().deviceWrite(card, handle, "news".getBytes());
        assertThat(at("rx.c:10").readString(virt, 4)).isEqualTo("news");
        assertThat(log())
                .singleElement()
                .asString()
                .startsWith(TOLD + "dma_sync_single_for_cpu() is missing before rx.c:10")
                .endsWith("; no harm on this machine, whose devices see the CPU's cache");
    }

    @Test
    void aNeighbourInTheSameLineDestroysWhatTheDeviceWrote() {
        long virt = buffer();
        long handle = map(virt + 16, 32, Direction.DMA_FROM_DEVICE);
        at("stat.c:5").write32(virt, 1);
        machine.dma().deviceWrite(card, handle, "news".getBytes());
        at("rx.c:9").dmaUnmapSingle(card, handle, 32, Direction.DMA_FROM_DEVICE);
        assertThat(at("rx.c:10").readString(virt + 16, 4)).isEmpty();
        assertThat(log())
                .containsExactly(TOLD
                        + String.format(
                                "the buffer of card0 at physical 0x%08x, 32 bytes (mapped DMA_FROM_DEVICE at map.c:2), shares"
                                        + " cache line 0x%08x with what stat.c:5 wrote: 4 bytes that card0 had written are destroyed;"
                                        + " begin and end such a buffer on a line (64 bytes)",
                                machine.layout().virtToPhys(virt) + 16,
                                machine.layout().virtToPhys(virt)));
    }

    @Test
    void theDirectionBindsTheDevice() {
        long virt = buffer();
        long handle = map(virt, 256, Direction.DMA_TO_DEVICE);
        machine.dma().deviceWrite(card, handle, "news".getBytes());
        assertThat(log())
                .containsExactly(TOLD
                        + String.format(
                                "wrong direction at map.c:2: card0 writes 4 bytes at bus address 0x%08x, which map.c:2 mapped"
                                        + " DMA_TO_DEVICE; it has to be DMA_FROM_DEVICE or DMA_BIDIRECTIONAL",
                                handle));
    }

    @Test
    void memoryFreedOrGivenBackTooEarlyIsTold() {
        long virt = buffer();
        long handle = map(virt, 256, Direction.DMA_FROM_DEVICE);
        at("rx.c:20").kfree(virt);
        at("rx.c:21").dmaUnmapSingle(card, handle, 256, Direction.DMA_FROM_DEVICE);
        machine.dma().deviceWrite(card, handle + 8, "late".getBytes());
        machine.dma().deviceWrite(card, handle + 12, "late".getBytes());
        assertThat(log())
                .containsExactly(
                        TOLD
                                + String.format(
                                        "dma_unmap_single() is missing before rx.c:20, which frees 0x%08x while card0 may still"
                                                + " write 256 bytes of it (mapped DMA_FROM_DEVICE at map.c:2)",
                                        virt),
                        TOLD
                                + String.format(
                                        "dma_unmap_single() at rx.c:21 came too early: card0 still writes 4 bytes at bus address"
                                                + " 0x%08x (mapped DMA_FROM_DEVICE at map.c:2)",
                                        handle + 8));
    }

    @Test
    void aBufferThatNobodyMappedIsTold() {
        long virt = buffer();
        at("tx.c:3").write(virt, "data".getBytes());
        machine.dma().deviceRead(card, machine.layout().virtToPhys(virt) - 0x4000_0000L, 4);
        assertThat(log())
                .singleElement()
                .asString()
                .startsWith(TOLD + "dma_map_single() is missing after tx.c:3: card0 reads 4 bytes at physical");
    }

    @Test
    void thePhysicalAddressIsNotTheBusAddress() {
        long virt = buffer();
        map(virt, 256, Direction.DMA_FROM_DEVICE);
        long phys = machine.layout().virtToPhys(virt);
        assertThatThrownBy(() -> machine.dma().deviceWrite(card, phys, new byte[4]))
                .isInstanceOf(BusError.class)
                .hasMessageContaining("is beyond its 28 address lines: that is the physical address of the buffer that"
                        + " map.c:2 mapped; its bus address is 0x");
    }

    @Test
    void memoryOutOfReachIsToldWhenTheDeviceGoesThere() {
        long virt = at("a.c:1").getFreePages(at("a.c:1").gfp(Gfp.GFP_KERNEL), 0);
        long handle = map(virt, 64, Direction.DMA_TO_DEVICE);
        assertThatThrownBy(() -> machine.dma().deviceRead(card, handle, 4))
                .hasMessageContaining("beyond its 28 address lines: memory out of its reach was mapped at map.c:2");
    }

    @Test
    void wrongVariablesAreToldAndRightOnesAreNot() {
        DmaBuffer buffer = at("a.c:1").dmaAllocCoherent(card, 1024, Gfp.GFP_KERNEL);
        long other = at("a.c:2").vmalloc(500);
        at("p.c:3").printk("virt=0x%08x phys=0x%08x", other, buffer.handle());
        at("p.c:4").printk("virt=0x%08x phys=0x%08x", buffer.virt(), buffer.handle());
        assertThat(log().subList(1, log().size() - 1))
                .containsExactly(TOLD
                        + String.format(
                                "wrong variable at p.c:3: it prints 0x%08x beside bus address 0x%08x, which is that of the buffer"
                                        + " at 0x%08x (allocated at a.c:1)",
                                other, buffer.handle(), buffer.virt()));
    }

    @Test
    void theCachedAliasOfCoherentMemoryIsNotWhatTheDeviceSees() {
        DmaBuffer buffer = at("a.c:1").dmaAllocCoherent(card, 4096, Gfp.GFP_KERNEL);
        long alias = machine.layout().physToVirt(buffer.handle() + 0x4000_0000L);
        at("x.c:1").write(alias, "to the card".getBytes());
        assertThat(machine.dma().deviceRead(card, buffer.handle(), 11)).containsOnly(0);
        machine.dma().deviceWrite(card, buffer.handle() + 256, "to the CPU".getBytes());
        at("x.c:2").read8(alias + 300);
        machine.dma().deviceWrite(card, buffer.handle() + 256, "once more".getBytes());
        at("x.c:3").readString(alias + 256, 9);
        assertThat(log())
                .containsExactly(
                        TOLD
                                + String.format(
                                        "x.c:1 wrote 11 bytes of the coherent buffer of card0 through another address than 0x%08x"
                                                + " (allocated at a.c:1): only the CPU's cache has them",
                                        buffer.virt()),
                        TOLD
                                + String.format(
                                        "x.c:3 reads 9 stale bytes of the coherent buffer of card0 through another address than"
                                                + " 0x%08x (allocated at a.c:1)",
                                        buffer.virt()));
    }

    /** Kernels before 2.6.34 do nothing after a transfer; a core that fetches on its own may have the old bytes by then. */
    @Test
    void anOldKernelShowsStaleBytesAfterATransfer(@TempDir Path folder) throws IOException {
        String profile = Files.readString(Path.of("../../config/profiles/linux-3.0.15-itop4412.json"))
                .replaceFirst("\"version\": \"3.0.15\"", "\"version\": \"2.6.32\"");
        Path file = folder.resolve("old.json");
        Files.writeString(file, profile);
        fresh(file.toString());
        assertThat(machine.profile().kernel().version().isAtLeast(2, 6, 33)).isFalse();
        long virt = at("a.c:1").kmalloc(256, Gfp.GFP_KERNEL);
        long handle = map(virt, 256, Direction.DMA_FROM_DEVICE);
        machine.dma().deviceWrite(card, handle, "news".getBytes());
        at("u.c:1").dmaUnmapSingle(card, handle, 256, Direction.DMA_FROM_DEVICE);
        assertThat(at("r.c:1").readString(virt, 4)).isEmpty();
        assertThat(log())
                .singleElement()
                .asString()
                .endsWith(
                        "unmapped at u.c:1): this kernel does not invalidate after a transfer, and the CPU has fetched lines"
                                + " meanwhile");
    }

    @Test
    void syncsThatFitNothingAreToldInTheKernelsWords() {
        long virt = buffer();
        long handle = map(virt, 128, Direction.DMA_TO_DEVICE);
        at("s.c:1").dmaSyncSingleForCpu(card, handle + 4096, 4, Direction.DMA_TO_DEVICE);
        at("s.c:2").dmaSyncSingleForCpu(card, handle + 64, 100, Direction.DMA_TO_DEVICE);
        at("s.c:3").dmaSyncSingleForCpu(card, handle, 128, Direction.DMA_FROM_DEVICE);
        assertThat(log()).hasSize(4);
        assertThat(log().get(0))
                .contains("tries to sync DMA memory it has not allocated")
                .endsWith("[at s.c:1]");
        assertThat(log().get(1))
                .contains("syncs DMA memory outside allocated range")
                .contains("[sync offset+size=164]");
        assertThat(log().get(2))
                .contains("syncs DMA memory with different direction")
                .endsWith("[at s.c:3]");
        assertThat(log().get(3)).contains("syncs device read-only DMA memory for cpu");
    }

    // ---- pages and scatter lists

    @Test
    void pagesOfHighMemoryAreMappedAndWatched() {
        fresh("arm-board28");
        int pfn = at("a.c:1").allocPages(Gfp.GFP_HIGHUSER, 0);
        assertThat(pfn).isGreaterThanOrEqualTo(machine.layout().maxLowPfn());
        long handle = at("map.c:2").dmaMapPage(card, pfn, 16, 100, Direction.DMA_FROM_DEVICE);
        assertThat(handle).isEqualTo(((long) pfn << 12) + 16);
        machine.dma().deviceWrite(card, handle, "news".getBytes());
        assertThat(machine.dma().mappings().get(0).kind()).isEqualTo("page");
        at("f.c:1").dmaMappingError(card, handle);
        at("f.c:2").dmaUnmapPage(card, handle, 100, Direction.DMA_FROM_DEVICE);
        assertThat(machine.dma().mappings()).isEmpty();
        assertThat(log()).isEmpty();
    }

    @Test
    void piecesAreJoinedWithinTheLimitsOfTheDevice() {
        int pfn = at("a.c:1").allocPages(at("a.c:1").gfp(Gfp.GFP_KERNEL, Gfp.__GFP_DMA), 2);
        List<ScatterEntry> pieces = List.of(
                new ScatterEntry(pfn, 0, 4096),
                new ScatterEntry(pfn + 1, 0, 4096),
                new ScatterEntry(pfn + 2, 0, 100),
                new ScatterEntry(pfn + 2, 200, 100));
        assertThat(at("s.c:1").sgMerge(card, pieces))
                .containsExactly(new ScatterEntry(pfn, 0, 8292), new ScatterEntry(pfn + 2, 200, 100));
        at("s.c:2").dmaSetMaxSegSize(card, 8192);
        assertThat(at("s.c:3").sgMerge(card, pieces)).hasSize(3);
        at("s.c:4").dmaSetSegBoundary(card, 4095);
        assertThat(at("s.c:5").sgMerge(card, pieces)).hasSize(4);
        List<ScatterEntry> long1 = List.of(new ScatterEntry(pfn, 0, 12288));
        List<DmaSegment> segments = at("s.c:6").dmaMapSg(card, long1, Direction.DMA_TO_DEVICE);
        assertThat(segments).hasSize(1);
        assertThat(log().get(0))
                .contains("mapping sg segment longer than device claims to support [len=12288] [max=8192]");
        assertThat(log().get(1)).contains("mapping sg segment across boundary");
        at("s.c:7").dmaSyncSgForCpu(card, long1, Direction.DMA_TO_DEVICE);
        at("s.c:8").dmaSyncSgForDevice(card, long1, Direction.DMA_TO_DEVICE);
        at("s.c:9").dmaUnmapSg(card, long1, Direction.DMA_TO_DEVICE);
        assertThat(machine.dma().mappings()).isEmpty();
        assertThat(log()).hasSize(2);
        machine.verify().orThrow();
    }

    @Test
    void twoBuffersThatBeginInOneLineAreTold() {
        long virt = buffer();
        map(virt, 16, Direction.DMA_FROM_DEVICE);
        map(virt + 16, 16, Direction.DMA_TO_DEVICE);
        assertThat(log()).isEmpty();
        long second = at("map.c:9").dmaMapSingle(card, virt + 32, 16, Direction.DMA_FROM_DEVICE);
        assertThat(second).isPositive();
        assertThat(log())
                .singleElement()
                .asString()
                .contains("cacheline tracking EEXIST, overlapping mappings aren't supported")
                .endsWith("[other mapped at map.c:2] [at map.c:9]");
    }

    // ---- copies

    @Test
    void aCopyKeepsTheTurns() {
        long virt = buffer();
        long handle = map(virt, 256, Direction.DMA_FROM_DEVICE);
        machine.dma().deviceWrite(card, handle, "news".getBytes());
        Machine copy = machine.fork("copy");
        long from = copy.log().lines().size();
        assertThat(copy.kernel(Caller.of(1, "test", "rx.c:30")).readString(virt, 4))
                .isEmpty();
        assertThat(TestMachines.logSince(copy, from)).singleElement().asString().contains("missing before rx.c:30");
        assertThat(log()).isEmpty();
        at("rx.c:31").dmaSyncSingleForCpu(card, handle, 256, Direction.DMA_FROM_DEVICE);
        assertThat(at("rx.c:32").readString(virt, 4)).isEqualTo("news");
        copy.verify().orThrow();
    }
}
