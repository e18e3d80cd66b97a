package org.kmemscope.shell.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.view.VmapAreaView;

/** {@code __vmalloc}, {@code vmap}, {@code vm_map_ram}, {@code ioremap}, {@code kmap_local_page} and their like. */
class MappingCommandsTest {
    private final TestDesk desk = TestDesk.withObjects("linux-6.1-686-pae");

    private static List<String> logSince(TestDesk desk, long mark) {
        KernelLog log = desk.machine().log();
        int fresh = (int) (log.written() - mark);
        return log.lines().subList(log.lines().size() - fresh, log.lines().size()).stream()
                .map(KernelLog.Line::text)
                .toList();
    }

    private String zoneOf(Object address) {
        PageBlock page = (PageBlock) desk.run("vmalloc_to_pfn", address.toString());
        return desk.machine()
                .pages()
                .zoneType(desk.machine().frames().zone(page.pfn()))
                .label();
    }

    @Test
    void flagsChooseTheZoneOfThePages() {
        Object high = desk.run("vmalloc", "64k");
        Object low = desk.run("vmalloc_32", "64k");
        Object dma = desk.run("__vmalloc", "64k", "GFP_KERNEL+__GFP_DMA");
        assertThat(zoneOf(high)).isEqualTo("HighMem");
        assertThat(zoneOf(low)).isEqualTo("Normal");
        assertThat(zoneOf(dma)).isEqualTo("DMA");
        desk.run("vfree", high.toString(), low.toString(), dma.toString());
        assertThatThrownBy(() -> desk.run("__vmalloc", "4k", "GFP_KERNEL+__GFP_DMA+__GFP_HIGHMEM"))
                .hasMessageContaining("at most one of __GFP_DMA, __GFP_HIGHMEM and __GFP_DMA32");
    }

    @Test
    void zeroedMemoryIsZero() {
        Object address = desk.run("vmalloc", "4k");
        desk.run("wr", address.toString(), "0x55");
        desk.run("vfree", address.toString());
        assertThat(desk.print("rd", desk.run("vzalloc", "4k").toString(), "1")).contains("00000000");
    }

    @Test
    void aBlockOfPagesIsMappedWhole() {
        Object block = desk.run("alloc_pages", "GFP_HIGHUSER", "2");
        Object address = desk.run("vmap", "--order", "2", block.toString());
        assertThat(desk.machine().vmalloc().areas())
                .filteredOn(area -> area.kind() == VmapAreaView.Kind.VMAP)
                .singleElement()
                .satisfies(area -> assertThat(area.pages()).isEqualTo(4));
        desk.run("vunmap", address.toString());
        Object ram = desk.run("vm_map_ram", "-o", "2", block.toString());
        assertThatThrownBy(() -> desk.run("vm_unmap_ram", ram.toString(), "0"))
                .hasMessageContaining("no number of pages");
        desk.run("vm_unmap_ram", ram.toString(), "4");
        desk.run("vm_unmap_aliases");
        assertThat(desk.machine().vmalloc().areas()).isEmpty();
        assertThatThrownBy(() -> desk.run("vmap", "-o", "11", block.toString()))
                .hasMessageContaining("'11' is no order");
        desk.machine().verify().orThrow();
    }

    @Test
    void whoAsksForTooMuchLearnsWhatThereIs() {
        assertThatThrownBy(() -> desk.run("vmalloc", "120M"))
                .hasMessageContaining(
                        "125833216 bytes are wanted, the guard page included; the largest hole of the vmalloc")
                .hasMessageContaining("area has 125829120");
    }

    @Test
    void registersAreMappedAndRamIsNot() {
        Object registers = desk.run("ioremap", "0xfed00010", "16");
        assertThat(registers.toString()).endsWith("010");
        desk.run("iounmap", registers.toString());
        assertThatThrownBy(() -> desk.run("ioremap", "0x3000000", "4k")).hasMessageContaining("NULL: 0x3000000 is RAM");
    }

    @Test
    void windowsOfATaskAreAStack() {
        String page = desk.run("alloc_pages", "GFP_HIGHUSER", "0").toString();
        assertThat(desk.run("page_address", page)).isEqualTo(new Address(0));
        Object first = desk.run("kmap_local_page", page);
        Object second = desk.run("kmap_local_page", page);
        assertThat(((Address) second).value()).isEqualTo(((Address) first).value() - 4096);
        desk.run("kunmap_local", second.toString());
        desk.run("kunmap_local", first.toString());
        Object window = desk.run("kmap", page);
        assertThat(desk.run("page_address", page)).isEqualTo(window);
        assertThat(desk.print("kmaps")).contains("HELD BY").contains("pid 1 at ");
    }

    /** What works by chance, until it does not, is told: once for a page and caller. */
    @ParameterizedTest
    @ValueSource(strings = {"linux-6.1-686-pae", "linux-3.8.13-odroidx", "i386-1g"})
    void whoUsesAWindowAfterKunmapIsTold(String profile) {
        TestDesk other = TestDesk.withObjects(profile);
        String page = other.run("alloc_pages", "GFP_HIGHUSER", "0").toString();
        String window = other.run("kmap", page).toString();
        other.run("wr", window, "1");
        long mark = other.machine().log().written();
        other.run("kunmap", page);
        other.run("rd", window, "3");
        assertThat(logSince(other, mark))
                .singleElement()
                .asString()
                .contains("WARNING: read of " + window + ", which was given up: slot 1 of ")
                .contains("free, but not flushed yet: still shows pfn ");
    }

    @Test
    void whoUsesAnAreaAfterVfreeIsTold() {
        String area = desk.run("vmalloc", "8k").toString();
        desk.run("wr", area, "1");
        desk.run("vfree", area);
        long mark = desk.machine().log().written();
        desk.run("rd", area, "2");
        assertThat(logSince(desk, mark))
                .singleElement()
                .asString()
                .contains("which was given up: lazily freed, ")
                .contains("; the TLB entry is stale on CPU 0: still leads to ");
        desk.run("vm_unmap_aliases");
        assertThatThrownBy(() -> desk.run("rd", area)).hasMessageStartingWith("BUG: unable to handle page fault");
    }
}
