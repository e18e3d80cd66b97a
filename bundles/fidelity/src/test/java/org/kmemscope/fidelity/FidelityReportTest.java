package org.kmemscope.fidelity;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.kmemscope.api.fidelity.FidelityReport;
import org.kmemscope.api.fidelity.FidelityReport.Score;

class FidelityReportTest {
    @Test
    void everyConstantOfTheAddressSpaceIsTheKernels() {
        FidelityReport.Family layout =
                Bench.compare("i386-686-pae-1024M-2cpu").families().get(0);
        assertThat(layout.name()).isEqualTo("layout");
        assertThat(layout.differences()).isEmpty();
        assertThat(layout.score().equal()).isGreaterThan(20);
    }

    @Test
    void whatIsNotModelledCountsAsNotEqual() {
        assertThat(new Score(3, 3, 0, 1).percent()).isEqualTo(75);
        assertThat(Score.NONE.percent()).isEqualTo(100);
    }

    @Test
    void aDifferenceIsCountedAndKeptWithBothValues() {
        Findings findings = new Findings();
        findings.compare("VMALLOC_START", 1L, 1L, "f:1");
        findings.compare("VMALLOC_END", 1L, 2L, "f:2");
        findings.notModelled(2, "slabs");
        FidelityReport.Family family = findings.family("layout");
        assertThat(family.score()).isEqualTo(new Score(2, 1, 1, 2));
        assertThat(family.differences()).singleElement().satisfies(difference -> {
            assertThat(difference.fact()).isEqualTo("VMALLOC_END");
            assertThat(difference.captured()).isEqualTo("1");
            assertThat(difference.modelled()).isEqualTo("2");
        });
    }
}
