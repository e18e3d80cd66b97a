package org.kmemscope.shell.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** {@code rd}, {@code wr}, {@code vtop}, {@code whatis}, {@code tlb}, {@code virt_to_phys} and its like. */
class MemoryCommandsTest {
    private static final String ADDRESS = "0xc3000000";

    private final TestDesk desk = new TestDesk("i386-1g");

    @Property(tries = 50)
    void whatIsWrittenIsRead(@ForAll long value) {
        desk.run("wr", "-64", ADDRESS, String.format("0x%x", value));

        assertThat(desk.print("rd", "-64", ADDRESS)).startsWith(String.format("c3000000:  %016x ", value));
        assertThat(desk.print("rd", ADDRESS, "2"))
                .startsWith(String.format("c3000000:  %08x %08x ", (int) value, (int) (value >>> 32)));
        assertThat(desk.print("rd", "-16", "-p", "0x3000000"))
                .startsWith(String.format("03000000:  %04x ", value & 0xffff));
        assertThat(desk.print("rd", "-8", "-p", "0x3000007"))
                .startsWith(String.format("03000007:  %02x ", value >>> 56));
    }

    @Test
    void aDumpHasSixteenBytesInALine() {
        desk.run("wr", "-s", ADDRESS, "Hello, world");

        assertThat(desk.print("rd", ADDRESS, "5")).isEqualTo("""
                c3000000:  6c6c6548 77202c6f 646c726f 00000000   Hello, world....
                c3000010:  00000000                              ....
                """);
        assertThat(desk.print("rd", "-s", "-p", "0x3000000")).isEqualTo("03000000:  \"Hello, world\"\n");
    }

    @Test
    void valuesMustFit() {
        assertThatThrownBy(() -> desk.run("wr", "-8", ADDRESS, "256")).hasMessageContaining("does not fit into 8 bits");
        assertThatThrownBy(() -> desk.run("wr", ADDRESS, "many")).hasMessageContaining("'many' is no number");
        assertThatThrownBy(() -> desk.run("rd", ADDRESS, "0")).hasMessageContaining("at least 1");
    }

    @Test
    void anAccessThatIsNotMappedIsAnOops() {
        assertThatThrownBy(() -> desk.run("rd", "0x1000"))
                .isInstanceOf(Failure.class)
                .hasMessageStartingWith("BUG: unable to handle kernel paging request");
        assertThatThrownBy(() -> desk.run("rd", "-p", "0xe0000000")).hasMessageContaining("no RAM");
    }

    @Test
    void vtopPrintsEachLevelAsCrashDoes() {
        assertThat(desk.print("vtop", ADDRESS)).isEqualTo("""
                VIRTUAL   PHYSICAL
                c3000000  3000000

                PAGE DIRECTORY: c0001000
                  PGD: c0001c30 => 30001e3
                 PAGE:  3000000  (4MB)

                  PTE    PHYSICAL  FLAGS
                30001e3   3000000  (PRESENT|RW|ACCESSED|DIRTY|PSE|GLOBAL)
                """);
        assertThat(desk.print("vtop", "0x1000")).contains("(not mapped)").doesNotContain("PAGE:");
        assertThatThrownBy(() -> desk.run("vtop", "0x1c3000000"))
                .hasMessage("vtop: '0x1c3000000' is no virtual address: those have 32 bits, up to 0xffffffff");
    }

    @Test
    void vtopRepeatsTheEntryOfAFoldedMiddleDirectory() {
        assertThat(desk.print("vtop", "0xfffff000")).isEqualTo("""
                VIRTUAL   PHYSICAL
                fffff000  (not mapped)

                PAGE DIRECTORY: c0001000
                  PGD: c0001ffc => 3067
                  PMD: c0001ffc => 3067
                  PTE:     3ffc => 0
                """);
        desk.run("boot", "linux-6.1-686-pae,mem=512M");
        assertThat(desk.print("vtop", "0xfffff000").lines().filter(line -> line.startsWith("  PMD:")))
                .singleElement()
                .asString()
                .matches("  PMD: [ 0-9a-f]{8} => [0-9a-f]+");
    }

    @Test
    void aForgottenFlushIsSeen() {
        String vector = "0xfff4e000";
        String entry = desk.run("vtop", "--entry", vector).toString();
        desk.run("wr", "-p", entry, "0x3000163");
        desk.run("wr", vector, "0xcafe");
        desk.run("wr", "-p", entry, "0");

        assertThat(desk.print("rd", vector)).contains("0000cafe");
        assertThat(desk.print("tlb")).containsPattern(vector + " .* stale");
        assertThat(desk.print("vtop", vector)).contains("(not mapped)");
    }

    @Test
    void whatWasReadBeforeAFaultIsPrinted() {
        String lastLine = "0xf7fffff0";
        assertThatThrownBy(() -> desk.print("rd", lastLine, "100000000"))
                .hasMessage("BUG: unable to handle kernel paging request at virtual address f8000000");
        assertThat(desk.out()).isEqualTo("f7fffff0:  00000000 00000000 00000000 00000000   ................\n");
    }

    @Test
    void whatisTellsTheFactsOfEachLayer() {
        String page = desk.run("alloc_pages", "GFP_HIGHUSER", "0").toString();

        assertThat(desk.print("whatis", ADDRESS))
                .startsWith("0xc3000000\n")
                .contains("linear map", "pfn 0x3000", "Normal");
        assertThat(desk.print("whatis", "-p", "0x3000000")).startsWith("physical 0x03000000, linear 0xc3000000\n");
        assertThat(desk.print("whatis", page))
                .contains("high memory: no linear address", "HighMem", "in use, count 1, from test:1", "nowhere");
        assertThat(desk.print("whatis", "pfn:0x3f000")).contains("free, in a block of order 10 at pfn 0x3f000");
        assertThat(desk.print("whatis", "0xc0100000")).contains(", .text of the kernel\n");
        assertThat(desk.print("whatis", "-p", "0xf0000000")).contains("no RAM");
        assertThatThrownBy(() -> desk.run("whatis")).hasMessageContaining("say which address");
    }

    @Test
    void addressesAreConvertedAndWrongUseIsLogged() {
        assertThat(desk.run("virt_to_phys", ADDRESS)).isEqualTo(new Address(0x300_0000));
        assertThat(desk.run("phys_to_virt", "0x3000000")).isEqualTo(new Address(0xc300_0000L));
        assertThat(desk.err()).isEmpty();

        desk.run("phys_to_virt", "0x3a000000");
        assertThat(desk.err()).contains("WARNING: phys_to_virt(0x3a000000): pfn 0x3a000 is high memory");
    }

    @Test
    void theTlbRemembersAccesses() {
        desk.run("rd", ADDRESS);

        assertThat(desk.print("tlb")).contains("0xc3000000", "0x03000000", "misses");
        assertThatThrownBy(() -> desk.run("tlb", "--cpu", "7")).hasMessageContaining("not online");
    }
}
