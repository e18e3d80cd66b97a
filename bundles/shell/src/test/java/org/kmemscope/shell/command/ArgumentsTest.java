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
