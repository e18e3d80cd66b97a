package org.kmemscope.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the launcher decides before it starts anything. */
class MainTest {
    private final PrintStream oldOut = System.out;
    private final PrintStream oldErr = System.err;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeEach
    void listen() {
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void restore() {
        System.setOut(oldOut);
        System.setErr(oldErr);
    }

    @Test
    void helpAndVersionStartNothing() {
        assertThat(Main.run("--help")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("Usage: kmemscope")
                .doesNotContain("\u001b");
        assertThat(Main.run("run", "--help")).isZero();
        assertThat(Main.run("--version")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).containsPattern("kmemscope \\d+\\.\\d+");
    }

    @Test
    void wrongOptionsAreUsageErrorsOfOneLine() {
        assertThat(Main.run("--nonsense")).isEqualTo(2);
        assertThat(Main.run("run")).isEqualTo(2);
        assertThat(Main.run("stop")).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).hasLineCount(3).contains("'--nonsense'", "'FILE'", "'stop'");
    }

    @Test
    void whoNamesAScriptIsToldHowToRunIt() {
        assertThat(Main.run("pom.xml")).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .isEqualTo("kmemscope: no command is called 'pom.xml'; a script is run by: kmemscope run pom.xml;"
                        + " kmemscope --help shows the options\n");
    }

    @Test
    void aFolderWithoutBundlesIsNoDistribution() {
        System.setProperty("kmemscope.home", "src/test");
        try {
            assertThat(Main.run("-c", "tick")).isEqualTo(Main.INTERNAL);
        } finally {
            System.clearProperty("kmemscope.home");
        }
        assertThat(err.toString(StandardCharsets.UTF_8)).hasLineCount(1).contains("is no distribution of kmemscope");
    }
}
