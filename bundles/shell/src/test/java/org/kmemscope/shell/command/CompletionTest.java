package org.kmemscope.shell.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Words that Tab offers. */
class CompletionTest {
    private final TestDesk desk = new TestDesk("i386-1g");
    private final Completion completion = new Completion(desk.desk(), () -> List.of("pages", "p"));

    private List<String> words(String word, String... before) {
        desk.machine();
        return completion.words(List.of(before), word).toList();
    }

    @Test
    void commandsAndSmallTools() {
        assertThat(words("kmem_cache_a")).containsExactly("kmem_cache_alloc", "kmem_cache_alloc_bulk");
        assertThat(words("gr")).containsExactly("grep");
    }

    @Test
    void options() {
        assertThat(words("--", "alloc_pages")).contains("--count", "--all", "--help");
    }

    @Test
    void flagsAlsoBehindOthers() {
        assertThat(words("GFP_AT", "alloc_pages")).containsExactly("GFP_ATOMIC");
        assertThat(words("GFP_KERNEL+__GFP_ZE", "alloc_pages", "-n", "3")).containsExactly("GFP_KERNEL+__GFP_ZERO");
        assertThat(words("GFP_KERNEL|__GFP_ZE", "kmalloc", "40")).containsExactly("GFP_KERNEL|__GFP_ZERO");
    }

    @Test
    void profilesModulesTunablesEvents() {
        assertThat(words("arm", "boot")).containsExactly("arm-2.6.35", "arm-board28", "arm-exynos4412");
        assertThat(words("", "insmod")).containsExactly("article");
        assertThat(words("vm.min", "sysctl")).containsExactly("vm.min_free_kbytes");
        assertThat(words("kmem:kma", "trace", "on")).containsExactly("kmem:kmalloc");
        assertThat(words("o", "trace")).containsExactly("on", "off");
    }

    @Test
    void pagesThatCommandsHaveAnswered() {
        desk.desk().remember((Handle) desk.run("alloc_pages", "GFP_KERNEL", "0"));

        assertThat(words("pfn:", "free_pages")).hasSize(1);
        assertThat(words("", "vtop")).hasSize(1);
        assertThat(words("", "kfree")).as("a page is no object").isEmpty();

        desk.run("free_pages", words("", "free_pages").get(0));
        assertThat(words("", "free_pages")).as("it is live no more").isEmpty();
    }

    @Test
    void optionsBehindAProfile() {
        assertThat(words("i386-1g,m", "boot")).containsExactly("i386-1g,mem=");
        assertThat(words("i386-1g,mem=1G,cp", "boot")).containsExactly("i386-1g,mem=1G,cpus=");
    }

    @Test
    void variables() {
        assertThat(words("$", "free_pages")).containsExactly("$p", "$pages");
        assertThat(words("$pa", "free_pages")).containsExactly("$pages");
    }

    @Test
    void nothingWherePartsAreMissing() {
        assertThat(words("", "dma_alloc_coherent")).isEmpty();
        assertThat(words("x", "no_such_command")).isEmpty();
    }

    @Test
    void aPathIsCompletedFolderByFolder() {
        assertThat(completion.words(List.of("open"), "src/ma")).containsExactly("src/main/");
        assertThat(completion.words(List.of("boot", "--from"), "pom.")).containsExactly("pom.xml");
        assertThat(completion.words(List.of("open"), "no/such/folder")).isEmpty();
    }

    @Test
    void aCommandBehindExplainIsCompletedAsIfItStoodAlone() {
        assertThat(words("kmem_cache_d", "explain")).containsExactly("kmem_cache_destroy");
        assertThat(words("--al", "explain", "alloc_pages")).containsExactly("--all");
    }
}
