package org.kmemscope.gfp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.gfp.GfpTable;

/** A person who writes a mask that cannot be is told in one line what is wrong and what would be right. */
class MessagesTest {
    @ParameterizedTest
    @CsvSource(delimiterString = "=>", quoteCharacter = '"', textBlock = """
            6.1    => __GFP_WAIT                  => __GFP_WAIT is not in 6.1; it became __GFP_DIRECT_RECLAIM|__GFP_KSWAPD_RECLAIM (2.6.24 to 4.3 have it)
            6.1    => GFP_KERNEL|GFP_REPEAT       => __GFP_REPEAT is not in 6.1; it became __GFP_RETRY_MAYFAIL (2.6.24 to 4.12 have it)
            6.1    => GFP_TEMPORARY               => GFP_TEMPORARY is not in 6.1; it became GFP_KERNEL|__GFP_RECLAIMABLE (2.6.24 to 4.13 have it)
            6.1    => __GFP_COLD                  => __GFP_COLD is not in 6.1; it went in 4.15 and nothing stands for it here (2.6.24 to 4.14 have it)
            6.1    => __GFP_NO_KSWAPD             => __GFP_NO_KSWAPD is not in 6.1; it went in 4.4, now leave out __GFP_KSWAPD_RECLAIM (2.6.38 to 4.3 have it)
            6.1    => __GFP_KMEMCG                => __GFP_KMEMCG is not in 6.1; it became __GFP_ACCOUNT (3.8 to 3.15 have it)
            6.3    => __GFP_ATOMIC                => __GFP_ATOMIC is not in 6.3; it became __GFP_HIGH (4.4 to 6.2 have it)
            4.0    => __GFP_KMEMCG                => __GFP_KMEMCG is not in 4.0; it went in 3.16 and nothing stands for it here (3.8 to 3.15 have it)
            2.6.32 => __GFP_DIRECT_RECLAIM        => __GFP_DIRECT_RECLAIM is not in 2.6.32; before 4.4 it is __GFP_WAIT
            2.6.32 => __GFP_KSWAPD_RECLAIM        => __GFP_KSWAPD_RECLAIM is not in 2.6.32; it came in 4.4, before that kswapd is woken without being asked
            2.6.32 => __GFP_NO_KSWAPD             => __GFP_NO_KSWAPD is not in 2.6.32; it came in 2.6.38, before that kswapd is always woken
            2.6.32 => GFP_KERNEL_ACCOUNT          => GFP_KERNEL_ACCOUNT is not in 2.6.32; before 4.5 it is GFP_KERNEL
            2.6.32 => __GFP_WRITE                 => __GFP_WRITE is not in 2.6.32; it came in 3.3 and nothing stands for it here
            2.6.24 => __GFP_NOTRACK               => __GFP_NOTRACK is not in 2.6.24; it came in 2.6.31 and nothing stands for it here
            6.1    => GFP_KERNAL                  => 'GFP_KERNAL' is no GFP flag; did you mean GFP_KERNEL?
            6.1    => __GFP_KERNEL                => '__GFP_KERNEL' is no GFP flag; did you mean GFP_KERNEL?
            6.1    => gfp_atomic                  => 'gfp_atomic' is no GFP flag; did you mean GFP_ATOMIC?
            6.1    => KERNEL                      => 'KERNEL' is no GFP flag; did you mean GFP_KERNEL?
            6.1    => GFP_NOWORN                  => 'GFP_NOWORN' is no GFP flag; did you mean __GFP_NOWARN?
            6.1    => please give me memory       => 'please give me memory' is no GFP flag; one looks like GFP_KERNEL or __GFP_ZERO
            6.1    => GFP_KERNEL||0x100           => 'GFP_KERNEL||0x100' has a joint with nothing on one side; write one | or + between two flags
            6.1    => GFP_KERNEL|                 => 'GFP_KERNEL|' has a joint with nothing on one side; write one | or + between two flags
            6.1    => 3264                        => '3264' is no GFP mask; a number is hex, has at most 32 bits and starts with 0x, as in 0xcc0
            6.1    => 0xcc0cc0cc0                 => '0xcc0cc0cc0' is no GFP mask; a number is hex, has at most 32 bits and starts with 0x, as in 0xcc0
            6.1    => 0xcgo                       => '0xcgo' is no GFP mask; a number is hex, has at most 32 bits and starts with 0x, as in 0xcc0
            """)
    void oneLineSaysWhatIsWrongAndWhatIsRight(String release, String mask, String message) {
        GfpTable table = Kernels.i386(release);
        assertThatThrownBy(() -> table.parse(mask))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void nothingIsNoMask() {
        assertThatThrownBy(() -> Kernels.i386("6.1").parse("  "))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a GFP mask is missing; one looks like GFP_KERNEL|__GFP_NOWARN or 0xcc0");
    }

    @Test
    void aDriverWithAFlagOfAnotherEraIsToldTheSame() {
        GfpTable table = Kernels.i386("2.6.38.5");
        assertThat(table.has(Gfp.__GFP_RETRY_MAYFAIL)).isFalse();
        assertThat(table.orZero(Gfp.__GFP_RETRY_MAYFAIL)).isZero();
        assertThatThrownBy(() -> table.of(Gfp.__GFP_RETRY_MAYFAIL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("__GFP_RETRY_MAYFAIL is not in 2.6.38; before 4.13 it is __GFP_REPEAT");
    }

    @Test
    void everyNameThatAnyKernelLacksHasOneLine() {
        for (String release : Kernels.RELEASES) {
            GfpTable table = Kernels.table(release);
            for (Gfp flag : Gfp.values()) {
                if (!table.has(flag)) {
                    assertThatThrownBy(() -> table.of(flag))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageStartingWith(flag + " is not in " + table.era() + "; ")
                            .hasMessageNotContaining("\n");
                }
            }
        }
    }

    @Test
    void spacesAndBothJointsAreRead() {
        GfpTable table = Kernels.i386("6.1");
        assertThat(table.parse(" GFP_KERNEL + __GFP_NOWARN|0x100 ")).isEqualTo(0xcc0 | 0x2000 | 0x100);
        assertThat(table.parse("0")).isZero();
        assertThat(table.parse("0xFFFFFFFF")).isEqualTo(-1);
    }
}
