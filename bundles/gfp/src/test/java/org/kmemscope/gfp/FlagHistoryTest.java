package org.kmemscope.gfp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.gfp.GfpTable;
import org.kmemscope.api.ground.KernelVersion;

/** The history holds together, and says what headers of single kernels say. */
class FlagHistoryTest {
    static final List<String> RELEASES = Kernels.RELEASES;

    @ParameterizedTest
    @FieldSource("RELEASES")
    void noTwoFlagsShareABitAndAllHaveRoom(String release) {
        for (int set = 0; set < 1 << Kernels.FLAG_OPTIONS.size(); set++) {
            int chosen = set;
            String[] options = Kernels.FLAG_OPTIONS.stream()
                    .filter(option -> (chosen >> Kernels.FLAG_OPTIONS.indexOf(option) & 1) != 0)
                    .toArray(String[]::new);
            GfpTable table = Kernels.table(release, options);
            int seen = 0;
            for (Gfp flag : table.names()) {
                if (!flag.isComposite()) {
                    int value = table.of(flag);
                    assertThat(Integer.bitCount(value)).as(flag.name()).isLessThanOrEqualTo(1);
                    assertThat(seen & value).as(flag.name()).isZero();
                    seen |= value;
                }
            }
            // __GFP_OTHER_NODE came in 2.6.39, but the mask was widened for it only later
            boolean tooNarrow = List.of("2.6.39", "3.0.15", "3.1.10").contains(release);
            assertThat(seen & ~table.bitsMask()).isEqualTo(tooNarrow ? table.of(Gfp.__GFP_OTHER_NODE) : 0);
            assertThat(table.of(Gfp.__GFP_DMA)).isEqualTo(ZoneRules.DMA);
            assertThat(table.of(Gfp.__GFP_HIGHMEM)).isEqualTo(ZoneRules.HIGHMEM);
            assertThat(table.of(Gfp.__GFP_DMA32)).isEqualTo(ZoneRules.DMA32);
        }
    }

    @ParameterizedTest
    @FieldSource("RELEASES")
    void sleepingIsWhatKernelMasksAllowAndAtomicOnesDoNot(String release) {
        GfpTable table = Kernels.table(release);
        for (String name : List.of("GFP_KERNEL", "GFP_NOFS", "GFP_NOIO", "GFP_USER", "GFP_HIGHUSER_MOVABLE")) {
            assertThat(table.maySleep(table.parse(name))).as(name).isTrue();
        }
        for (String name : List.of("GFP_ATOMIC", "GFP_NOWAIT", "__GFP_IO|__GFP_FS", "0x0")) {
            assertThat(table.maySleep(table.parse(name))).as(name).isFalse();
        }
    }

    @Test
    void everyNameHasAHistoryAndEveryChangeIsTested() {
        FlagHistory history = new FlagHistory();
        for (Gfp flag : Gfp.values()) {
            assertThat(history.all(flag)).as(flag.name()).isNotEmpty();
            assertThat(history.all(flag).get(0).isGone()).isFalse();
        }
        List<KernelVersion> tested = RELEASES.stream().map(KernelVersion::parse).toList();
        for (KernelVersion change : history.changes()) {
            assertThat(tested)
                    .anyMatch(t -> t.major() == change.major()
                            && t.minor() == change.minor()
                            && (t.major() > 2 || t.patch() == change.patch()));
        }
    }

    /** Numbers of 2.6.32 as its header has them, with the option on that one of them needs. */
    @ParameterizedTest
    @CsvSource({
        "__GFP_DMA, 0x1",
        "__GFP_HIGHMEM, 0x2",
        "__GFP_DMA32, 0x4",
        "__GFP_MOVABLE, 0x8",
        "__GFP_WAIT, 0x10",
        "__GFP_HIGH, 0x20",
        "__GFP_IO, 0x40",
        "__GFP_FS, 0x80",
        "__GFP_COLD, 0x100",
        "__GFP_NOWARN, 0x200",
        "__GFP_REPEAT, 0x400",
        "__GFP_NOFAIL, 0x800",
        "__GFP_NORETRY, 0x1000",
        "__GFP_COMP, 0x4000",
        "__GFP_ZERO, 0x8000",
        "__GFP_NOMEMALLOC, 0x10000",
        "__GFP_HARDWALL, 0x20000",
        "__GFP_THISNODE, 0x40000",
        "__GFP_RECLAIMABLE, 0x80000",
        "__GFP_NOTRACK, 0x200000",
        "GFP_NOWAIT, 0",
        "GFP_ATOMIC, 0x20",
        "GFP_NOIO, 0x10",
        "GFP_NOFS, 0x50",
        "GFP_KERNEL, 0xd0",
        "GFP_TEMPORARY, 0x800d0",
        "GFP_USER, 0x200d0",
        "GFP_HIGHUSER, 0x200d2",
        "GFP_HIGHUSER_MOVABLE, 0x200da",
        "GFP_KERNEL|GFP_DMA, 0xd1"
    })
    void numbersOf2632(String mask, String number) {
        assertThat(Kernels.table("2.6.32", "KMEMCHECK").parse(mask)).isEqualTo(Integer.decode(number));
    }

    /** Numbers that moved, at both sides of the kernel in which they did. */
    @ParameterizedTest
    @CsvSource({
        "2.6.30, __GFP_MOVABLE, 0x100000",
        "2.6.31, __GFP_MOVABLE, 0x8",
        "2.6.24, GFP_HIGHUSER_MOVABLE, 0x1200d2",
        "2.6.38, __GFP_NO_KSWAPD, 0x400000",
        "3.0, __GFP_OTHER_NODE, 0x800000",
        "3.3, __GFP_WRITE, 0x1000000",
        "3.6, __GFP_MEMALLOC, 0x2000",
        "3.6, __GFP_NOTRACK, 0",
        "3.7, __GFP_NOTRACK, 0x200000",
        "3.8, __GFP_KMEMCG, 0x100000",
        "3.8, GFP_TRANSHUGE, 0x4352da",
        "4.3, GFP_KERNEL, 0xd0",
        "4.4, GFP_KERNEL, 0x24000c0",
        "4.4, GFP_ATOMIC, 0x2080020",
        "4.9, GFP_KERNEL, 0x24000c0",
        "4.14, GFP_KERNEL, 0x14000c0",
        "4.19, GFP_KERNEL, 0x6000c0",
        "4.19, GFP_ATOMIC, 0x480020",
        "5.0, __GFP_ZERO, 0x8000",
        "5.1, __GFP_ZERO, 0x100",
        "5.10, GFP_KERNEL, 0xcc0",
        "5.10, GFP_ATOMIC, 0xa20",
        "6.1, GFP_NOWAIT, 0x800",
        "6.16, GFP_NOWAIT, 0x2800",
        "6.16, GFP_ATOMIC, 0x820",
        "6.16, GFP_KERNEL_ACCOUNT, 0x400cc0"
    })
    void numbersThatMoved(String release, String mask, String number) {
        assertThat(Kernels.table(release).parse(mask)).isEqualTo(Integer.decode(number));
    }

    @Test
    void flagsOfOptionsThatAreOffAreThereAndZero() {
        assertThat(Kernels.table("3.2").has(Gfp.__GFP_NOTRACK)).isTrue();
        assertThat(Kernels.table("3.2").of(Gfp.__GFP_NOTRACK)).isZero();
        assertThat(Kernels.table("2.6.30", "KMEMCHECK").has(Gfp.__GFP_NOTRACK)).isFalse();
        assertThat(Kernels.table("6.1", "KASAN_HW_TAGS").of(Gfp.GFP_HIGHUSER_MOVABLE))
                .isEqualTo(0x6100cca);
        assertThat(Kernels.table("6.1", "LOCKDEP").of(Gfp.__GFP_NOLOCKDEP)).isEqualTo(0x8000000);
        assertThat(Kernels.table("6.1", "LOCKDEP").bitsMask()).isEqualTo(0xfffffff);
        assertThat(Kernels.table("6.1").bitsMask()).isEqualTo(0x7ffffff);
    }

    @Test
    void anEraIsCalledByItsKernelWithoutTheStableRelease() {
        assertThat(Kernels.table("2.6.32.9").era()).isEqualTo("2.6.32");
        assertThat(Kernels.table("3.8.13").era()).isEqualTo("3.8");
        assertThat(Kernels.table("6.1.0-50-686-pae").era()).isEqualTo("6.1");
    }

    @Test
    void kernelsBeforeTheFirstAreRefused() {
        assertThatThrownBy(() -> Kernels.table("2.6.23"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the GFP flags of 2.6.23 are not known; the oldest kernel is 2.6.24");
    }
}
