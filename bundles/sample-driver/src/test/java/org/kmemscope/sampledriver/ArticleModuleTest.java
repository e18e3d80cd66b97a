package org.kmemscope.sampledriver;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.kernel.KernelModule;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.buddy.BuddyProvider;
import org.kmemscope.dma.EraDmaProvider;
import org.kmemscope.gfp.EraGfpProvider;
import org.kmemscope.machine.MachineFactory;
import org.kmemscope.machine.Providers;
import org.kmemscope.mmu.PageTableMmuProvider;
import org.kmemscope.physmem.SparseMemoryProvider;
import org.kmemscope.slab.SlabProvider;
import org.kmemscope.vmalloc.KernelVmallocProvider;
import org.kmemscope.zone.ZoneProvider;

/** The article's module on the article's board, and elsewhere. */
class ArticleModuleTest {
    private static final long STRING = 0x5000_3000L;

    private Machine machine;
    private int logged;

    private void boot(String specification) {
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
                Optional.of(new EraDmaProvider()));
        machine = factory.boot("board", factory.load(specification), providers);
        logged = machine.log().lines().size();
    }

    private List<String> log() {
        List<KernelLog.Line> lines = machine.log().lines();
        return lines.subList(logged, lines.size()).stream()
                .map(KernelLog.Line::text)
                .toList();
    }

    private String line(String start) {
        return log().stream().filter(line -> line.startsWith(start)).findFirst().orElse("no line " + start);
    }

    private static List<Long> addresses(String line) {
        List<Long> found = new ArrayList<>();
        Matcher matcher = Pattern.compile("0x([0-9a-f]{8})").matcher(line);
        while (matcher.find()) {
            found.add(Long.parseLong(matcher.group(1), 16));
        }
        return found;
    }

    private int load(String... parameters) {
        return load(new ArticleModule(), parameters);
    }

    private int load(KernelModule module, String... parameters) {
        Map<String, String> map = new java.util.LinkedHashMap<>();
        for (String parameter : parameters) {
            map.put(parameter.substring(0, parameter.indexOf('=')), parameter.substring(parameter.indexOf('=') + 1));
        }
        return machine.modules().load(module, map);
    }

    private String zoneOf(long phys) {
        return machine.pages()
                .zoneType(machine.frames().zone((int) (phys >>> 12)))
                .label();
    }

    @Test
    void theBoardShowsWhatTheArticleSaw() {
        boot("arm-exynos4412");
        byte[] text = "hello from 0x50003000\0".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        machine.ram().write(STRING, text, 0, text.length);
        assertThat(load()).isZero();

        assertThat(line("string:")).isEqualTo("string: virt=0xd0003000 \"hello from 0x50003000\"");

        List<Long> kmalloc = addresses(line("kmalloc:"));
        assertThat(kmalloc.get(1)).isEqualTo(kmalloc.get(0) - 0x8000_0000L).isBetween(0x4000_0000L, 0x6f7f_ffffL);
        assertThat(zoneOf(kmalloc.get(1))).isEqualTo("Normal");

        List<Long> vmalloc = addresses(line("vmalloc:"));
        assertThat(vmalloc.get(0)).isBetween(0xf000_0000L, 0xfeff_ffffL);
        assertThat(zoneOf(vmalloc.get(1))).isEqualTo("HighMem");
        assertThat(vmalloc.get(1)).isGreaterThanOrEqualTo(0x6f80_0000L);

        List<Long> dma = addresses(line("dma: virt"));
        assertThat(zoneOf(dma.get(1))).isEqualTo("Normal");
        assertThat(dma.get(1)).as("lower than vmalloc's").isLessThan(vmalloc.get(1));
        assertThat(dma.get(0)).as("the article prints vmalloc's pointer here").isEqualTo(vmalloc.get(0));
        List<Long> buffer = addresses(line("dma: the buffer itself"));
        assertThat(buffer.get(1)).isEqualTo(dma.get(1));
        assertThat(machine.mmu().lookup(buffer.get(0))).isEqualTo(buffer.get(1));
        machine.verify().orThrow();
    }

    @Test
    void theMistakesAKernelCanNoticeAreInTheLog() {
        boot("arm-exynos4412");
        load();
        long phys = addresses(line("vmalloc:")).get(1);
        assertThat(log())
                .anySatisfy(text -> assertThat(text)
                        .startsWith(String.format("WARNING: phys_to_virt(0x%08x)", phys))
                        .contains("is high memory")
                        .contains("ArticleModule.init:"))
                .anySatisfy(text -> assertThat(text)
                        .startsWith(
                                "WARNING: dma_alloc_coherent() with a NULL device: the mask of the board is taken, at")
                        .contains("ArticleModule.init:"));
    }

    @Test
    void unloadingGivesEverythingBack() {
        boot("arm-exynos4412");
        load();
        assertThat(machine.modules().unload("article")).isEmpty();
        assertThat(machine.dma().mappings()).isEmpty();
        machine.verify().orThrow();
    }

    @Test
    void eachLeakIsNamedWithItsLine() {
        boot("arm-exynos4412");
        load("leak=1");
        List<String> leaks = machine.modules().unload("article");
        assertThat(leaks)
                .hasSize(3)
                .allMatch(leak -> leak.matches(".* from ArticleModule.init:\\d+ \\[article\\]"))
                .anyMatch(leak -> leak.startsWith("kmalloc 0x") && leak.contains(", 40 bytes"))
                .anyMatch(leak -> leak.startsWith("vmalloc 0x") && leak.contains(", 500 bytes"))
                .anyMatch(leak -> leak.startsWith("dma_alloc_coherent 0x") && leak.contains(", 1024 bytes"));
        assertThat(log()).contains("article: leak=1, nothing is freed");
    }

    @Test
    void theStringMayBeElsewhere() {
        boot("arm-exynos4412");
        byte[] text = "elsewhere\0".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        machine.ram().write(0x4800_0000L, text, 0, text.length);
        assertThat(load("string=0xc8000000")).isZero();
        assertThat(line("string:")).isEqualTo("string: virt=0xc8000000 \"elsewhere\"");
    }

    @Test
    void anAddressThatIsNoneIsToldInOneLine() {
        boot("arm-exynos4412");
        assertThat(load("string=there")).isEqualTo(-22);
        assertThat(log()).containsExactly("article: string=there is no address; one looks like 0xd0003000");
        assertThat(machine.modules().list()).isEmpty();
    }

    /** On a machine without RAM there the first line of init is an oops, and nothing is held. */
    @Test
    void aStringWhereThereIsNoMemoryIsAnOops() {
        boot("i386-32m");
        assertThat(load()).isEqualTo(-14);
        assertThat(log())
                .anyMatch(text -> text.contains("unable to handle kernel paging request")
                        || text.contains("Unable to handle kernel paging request"))
                .noneMatch(text -> text.contains("leaked"));
    }

    /** A kernel of today follows the NULL pointer: what was allocated before is lost, as in a real kernel. */
    @Test
    void aKernelOfTodayDiesOfTheNullDevice() {
        boot("linux-6.1-armmp");
        assertThat(load()).isEqualTo(-14);
        assertThat(log())
                .anyMatch(text -> text.contains("NULL pointer dereference"))
                .anyMatch(text -> text.startsWith("article: leaked kmalloc"))
                .anyMatch(text -> text.startsWith("article: leaked vmalloc"));
    }
}
