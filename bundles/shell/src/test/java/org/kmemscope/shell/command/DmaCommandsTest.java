package org.kmemscope.shell.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code devices}, {@code dcache}, mappings, syncs, scatter lists, pools, and devices that read and write by themselves. */
class DmaCommandsTest {
    private final TestDesk desk = TestDesk.withDma("arm-board28");

    @AfterEach
    void allAgrees() {
        assertThat(desk.machine().verify().problems()).isEmpty();
    }

    private String buffer() {
        return desk.run("kmalloc", "256", "GFP_KERNEL+__GFP_DMA").toString();
    }

    @Test
    void aBufferGoesToTheDeviceAndBack() {
        String buffer = buffer();
        String handle = desk.run("dma_map_single", "card0", buffer, "256", "DMA_FROM_DEVICE")
                .toString();
        desk.run("device_write", "card0", handle, "news");
        assertThat(desk.print("dcache", buffer)).contains("stale  0      4 ").contains("news....");
        assertThat(desk.print("dcache", "--not-clean", "--json")).contains("\"state\" : \"stale\"");
        assertThat(desk.print("dma_mappings")).contains("DMA_FROM_DEVICE  device  test:1");
        desk.run("dma_sync_single_for_cpu", handle);
        assertThat(desk.print("rd", "-s", buffer)).contains("\"news\"");
        assertThat(desk.print("dma_mappings")).contains("DMA_FROM_DEVICE  cpu ");
        desk.run("dma_sync_single_for_device", handle, "64");
        desk.run("device_write", "card0", handle, "--fill", "0x41", "3");
        desk.run("dma_unmap_single", handle);
        assertThat(desk.print("rd", "-s", buffer)).contains("\"AAAs\"");
        assertThat(desk.err()).isEmpty();
        assertThat(desk.print("dcache")).contains("32 KiB, 4 ways, lines of 64 bytes: ");
        assertThatThrownBy(() -> desk.run("dma_sync_single_for_cpu", handle))
                .hasMessageContaining("in no live mapping");
    }

    @Test
    void mistakesCanBeMadeOnPurpose() {
        String buffer = buffer();
        String handle = desk.run("dma_map_single", "--unchecked", "card0", buffer, "256", "DMA_TO_DEVICE")
                .toString();
        desk.run("dma_unmap_single", handle, "--size", "100", "--direction", "DMA_FROM_DEVICE");
        assertThat(desk.err())
                .contains("with different size")
                .contains("with different direction")
                .contains("failed to check map error")
                .contains("[mapped at test:1] [at test:1]");
        assertThatThrownBy(() -> desk.run("device_read", "card0", "0x50000000", "4"))
                .hasMessageContaining("card0: bus address 0x50000000 is beyond its 28 address lines");
    }

    @Test
    void piecesPagesAndPools() {
        String page = desk.run("alloc_pages", "GFP_KERNEL+__GFP_DMA", "1").toString();
        String next = String.format("pfn:0x%x", Arguments.hex(page.substring(4)) + 1);
        String[] list = {"card0", "DMA_TO_DEVICE", "--merge", page + "+4k", next + "+300"};
        assertThat(desk.print("dma_map_sg", list)).matches("0x0[0-9a-f]{7}\\+4396\n");
        assertThat(desk.print("dma_mappings")).contains("scather-gather");
        desk.run("dma_unmap_sg", list);
        assertThatThrownBy(() -> desk.run("dma_map_sg", "card0", "DMA_TO_DEVICE", page))
                .hasMessageContaining("is no piece");
        String handle = desk.run("dma_map_page", "card0", page, "16", "100", "DMA_TO_DEVICE")
                .toString();
        desk.run("dma_unmap_page", handle);
        assertThat(desk.run("dma_pool_create", "ring", "card0", "64", "--align", "64"))
                .isEqualTo("ring");
        Object piece = desk.run("dma_pool_alloc", "ring", "GFP_KERNEL");
        desk.run("wr", piece.toString(), "0x44434241");
        String bus = desk.run("dma_handle", piece.toString()).toString();
        assertThat(desk.print("device_read", "card0", bus, "4"))
                .startsWith(bus.substring(2) + ":  41 42 43 44 ")
                .endsWith("   ABCD\n");
        assertThat(desk.print("dma_pools")).isEqualTo("poolinfo - 0.1\nring                1   64   64  1\n");
        desk.run("dma_pool_free", "ring", piece.toString());
        desk.run("dma_pool_destroy", "ring");
        assertThatThrownBy(() -> desk.run("dma_pool_alloc", "ring", "GFP_KERNEL"))
                .hasMessageContaining("no pool is called");
        assertThat(desk.err()).isEmpty();
    }

    @Test
    void devicesAndTheirMasks() {
        assertThat(desk.print("devices")).contains("28 bits  28 bits   0x40000000 - 0x4fffffff");
        assertThat(desk.print("devices", "--json")).contains("\"busOffset\" : 1073741824");
        assertThatThrownBy(() -> desk.run("dma_set_mask", "card0", "24")).hasMessageContaining("EIO");
        desk.run("dma_set_mask", "card0", "30");
        assertThat(desk.print("devices")).contains("30 bits  30 bits ");
        assertThatThrownBy(() -> desk.run("dma_set_mask", "card0", "65")).hasMessageContaining("1 to 64 bits");
        assertThat(desk.print("swiotlb")).startsWith("none; ");
        desk.run("boot", "linux-6.1-686,swiotlb=512");
        assertThat(desk.print("swiotlb")).contains("io_tlb_nslabs 512, io_tlb_used 0");
        assertThat(desk.print("dcache")).isEqualTo("none: the devices of this machine see the CPU's caches\n");
    }

    @Test
    void channelsMoveAndStop() {
        assertThat(desk.print("dma_channels")).contains("dma1chan0  free");
        String channel = desk.run("dma_request_chan", "dma1").toString();
        assertThat(channel).isEqualTo("dma1chan0");
        String from = desk.run(
                        "dma_handle",
                        desk.run("dma_alloc_coherent", "dma1", "128k", "GFP_KERNEL")
                                .toString())
                .toString();
        String to = desk.run(
                        "dma_handle",
                        desk.run("dma_alloc_coherent", "dma1", "128k", "GFP_KERNEL")
                                .toString())
                .toString();
        String cookie = desk.run("dmaengine_memcpy", channel, to, from, "128k").toString();
        desk.run("tick", "2");
        assertThat(desk.print("dmaengine_tx_status", channel, cookie)).isEqualTo("DMA_IN_PROGRESS, residue 98304\n");
        desk.run("dmaengine_pause", channel);
        assertThat(desk.print("dma_channels")).contains("dma1chan0  paused  1       memcpy  98304    0        0");
        desk.run("dmaengine_resume", channel);
        desk.run("tick", "9");
        assertThat(desk.print("dmaengine_tx_status", channel, cookie)).isEqualTo("DMA_COMPLETE, residue 0\n");
        desk.run("dmaengine_terminate_sync", channel);
        desk.run("dma_release_channel", channel);
        assertThatThrownBy(() -> desk.run("dmaengine_pause", "dma1chan7"))
                .hasMessageContaining("no channel is called dma1chan7");
        assertThatThrownBy(() -> desk.run("dmaengine_pause", channel)).hasMessageContaining("nobody has requested");
        assertThat(desk.err()).isEmpty();
    }

    @Test
    void theOtherEndOfTheWire() {
        desk.run("wire", "card0", "hello", "-n", "64");
        assertThatThrownBy(() -> desk.run("wire", "card0", "more"))
                .hasMessageContaining("no memory left after 0 frames");
        assertThat(desk.print("wire", "card0")).isEmpty();
        assertThatThrownBy(() -> desk.run("wire", "dma0", "x")).hasMessageContaining("dma0 is no network card");
    }
}
