package org.kmemscope.machine.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kmemscope.api.ground.Profile;

/** {@code PROFILE[,mem=SIZE][,cpus=N][,OPTION=VALUE...]}. */
class MachineSpecificationTest {
    private static final Profiles PROFILES = new Profiles(Path.of("../../config/profiles"));

    @Test
    void memAndCpusAreTheMachinesAndTheRestIsTheKernels() {
        MachineSpecification asked = MachineSpecification.parse(
                "linux-6.1-686, mem=2G, cpus=2, vmalloc=256M, slab_nomerge, slub_debug=FZPU");
        assertThat(asked.profile()).isEqualTo("linux-6.1-686");
        assertThat(asked.mem()).contains(2L << 30);
        assertThat(asked.cpus()).contains(2);
        assertThat(asked.options())
                .containsExactly(
                        Map.entry("vmalloc", "256M"), Map.entry("slab_nomerge", ""), Map.entry("slub_debug", "FZPU"));
    }

    @Test
    void optionsAreAddedToTheCommandLineOfTheProfile() {
        Profile profile = PROFILES.load("arm-exynos4412,mem=512M,cpus=1,cma=16M,slub_nomerge");
        assertThat(profile.kernel().options()).hasToString("coherent_pool=256K cma=16M slub_nomerge");
        assertThat(profile.cpus()).isEqualTo(1);
    }

    @Test
    void aPathNamesAFileAnywhere() {
        assertThat(PROFILES.load("../../config/profiles/i386-1g.json,mem=512M").name())
                .isEqualTo("i386-1g");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                ",mem=1G|',mem=1G' names no profile; a machine is written PROFILE[,mem=SIZE][,cpus=N][,OPTION=VALUE...]",
                "i386-1g,,cpus=1|'' in 'i386-1g,,cpus=1' is no option; a machine is written",
                "i386-1g,=3|'=3' in 'i386-1g,=3' is no option",
                "i386-1g,mem=lots|mem=lots: 'lots' is no size; sizes look like",
                "i386-1g,mem=|mem=: '' is no size",
                "i386-1g,cpus=two|cpus=two: 'two' is no number of processors",
                "i386-1g,cpus=0|cpus=0: '0' is no number of processors",
                "i386-1g,cpus=9|cpus=9: the kernel of i386-1g was built for at most 8 (CONFIG_NR_CPUS=8)",
                "linux-2.6.24.3-atv,cpus=2|cpus=2: the kernel of linux-2.6.24.3-atv was built for at most 1 (no CONFIG_SMP)",
                "i386-1g,mem=1000001|mem=1000001: 1000001 is not a multiple of the page size (4096)",
                "i386-1g,mem=8M|mem=8M: too little RAM to boot: i386-1g needs about",
                "linux-6.1-686,mem=32M|mem=32M: too little RAM to boot: linux-6.1-686 needs about",
                "linux-6.1-armmp,mem=16M|mem=16M: too little RAM to boot: linux-6.1-armmp needs about",
                "i386-1g,men=2G|men=2G: no boot option is called men; did you mean mem?",
                "i386-1g,cpu=2|cpu=2: no boot option is called cpu; did you mean cpus?",
                "i386-1g,slab_nomergee|slab_nomergee: no boot option is called slab_nomergee; did you mean slab_nomerge?",
                "i386-1g,vmalloc=big|vmalloc=big: 'big' is no size",
                "i386-1g,highmem=|highmem=: '' is no size",
                "no/such.json|no/such.json: there is no such file",
                "i386-1gb|no profile 'i386-1gb' in ../../config/profiles; there are i386-1g, i386-4g, i386-32m, ",
            })
    void mistakesAreToldInOneLine(String specification, String message) {
        assertThatThrownBy(() -> PROFILES.load(specification))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message)
                .hasMessageNotContaining("\n");
    }

    @ParameterizedTest
    @CsvSource({"i386-1g,8M", "linux-6.1-686,32M", "linux-2.6.38-mlinux,24M", "arm-exynos4412,4M"})
    void theSizeThatIsAskedForIsEnough(String profile, String tooSmall) {
        String least = "";
        try {
            PROFILES.load(profile + ",mem=" + tooSmall);
        } catch (ProfileException e) {
            least = e.getMessage().replaceAll(".*needs about (\\w+) .*", "$1");
        }
        assertThat(PROFILES.load(profile + ",mem=" + least).name()).isEqualTo(profile);
    }

    @Test
    void anEmptyFolderHasNoProfiles() {
        Profiles none = new Profiles(Path.of("no-such-folder"));
        assertThat(none.list()).isEmpty();
        assertThatThrownBy(() -> none.load("i386-1g"))
                .hasMessage("no profile 'i386-1g' in no-such-folder; there is none");
    }
}
