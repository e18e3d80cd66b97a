package org.kmemscope.shell.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Addresses, pages and flags as people write them. */
class ArgumentsTest {
    private static final TestDesk DESK = new TestDesk("i386-1g");

    private final Arguments arguments = new Arguments(DESK.machine());

    @Property(tries = 200)
    void aPageIsFoundByFrameNumberAndByLinearAddress(@ForAll @IntRange(max = 0x37fff) int pfn) {
        assertThat(arguments.page(String.format("pfn:0x%x", pfn))).isEqualTo(pfn);
        assertThat(arguments.page(String.format("pfn:%x", pfn))).isEqualTo(pfn);
        assertThat(arguments.page(Integer.toHexString(pfn))).isEqualTo(pfn);
        assertThat(arguments.page(String.format("0x%x", 0xc000_0000L + ((long) pfn << 12) + pfn % 4096)))
                .isEqualTo(pfn);
        assertThat(arguments.page(new PageBlock(pfn, 0).toString())).isEqualTo(pfn);
    }

    @Property(tries = 200)
    void whatACommandAnswersCanBeGivenToAnother(@ForAll @IntRange int bits) {
        long value = bits & 0xffff_ffffL;

        assertThat(arguments.address(new Address(value).toString())).isEqualTo(value);
        assertThat(arguments.address(Long.toHexString(value))).isEqualTo(value);
    }

    @Test
    void constantsOfTheLayoutAreAddresses() {
        assertThat(arguments.address("PAGE_OFFSET")).isEqualTo(0xc000_0000L);
        assertThat(arguments.address("high_memory")).isEqualTo(0xf800_0000L);
        assertThat(arguments.address("VMALLOC_START")).isEqualTo(0xf880_0000L);
    }

    @Test
    void pointersMayBeNullAndHave32Bits() {
        assertThat(arguments.virtual("NULL")).isZero();
        assertThat(arguments.virtual("ffffffff")).isEqualTo(0xffff_ffffL);
        assertThatThrownBy(() -> arguments.virtual("0x100000000")).hasMessageContaining("those have 32 bits");
        assertThat(arguments.address("0x100000000")).isEqualTo(1L << 32);
        assertThatThrownBy(() -> arguments.page("NULL")).hasMessageContaining("'NULL' is no address");
    }

    @Test
    void namesOfZonesThatContradictEachOtherAreRefused() {
        assertThatThrownBy(() -> arguments.gfp("GFP_DMA+__GFP_HIGHMEM"))
                .hasMessage("GFP_DMA+__GFP_HIGHMEM: at most one of __GFP_DMA, __GFP_HIGHMEM and __GFP_DMA32;"
                        + " 0x3 asks for zone DMA of this kernel, silently");
        assertThat(arguments.gfp("0x3")).isEqualTo(3);
        assertThat(arguments.gfp("GFP_KERNEL+__GFP_DMA")).isEqualTo(0xd1);
    }

    @Test
    void mistakesAreToldWithWhatWouldBeRight() {
        assertThatThrownBy(() -> arguments.address("VMALLOC_STRT"))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("did you mean VMALLOC_START?");
        assertThatThrownBy(() -> arguments.address("-5")).hasMessageContaining("is no address");
        assertThatThrownBy(() -> arguments.page("pfn:0x40000"))
                .hasMessage(
                        "'pfn:0x40000' is no page: frames are pfn:0x0 to pfn:0x3ffff, linear addresses 0xc0000000 to"
                                + " 0xf7ffffff");
        assertThatThrownBy(() -> Arguments.number("ten", "count")).hasMessage("'ten' is no count; write 12 or 0xc");
    }
}
