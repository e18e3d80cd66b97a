package org.kmemscope.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The prompt in a terminal. */
class PromptIT {
    private static final String PROMPT = "i386-1g> ";

    @Test
    void aSessionFromBannerToCtrlD() throws IOException {
        Files.deleteIfExists(Kmemscope.userFolder().resolve("history"));
        try (Pty pty = new Pty("")) {
            assertThat(pty.await(PROMPT)).contains("Linux 2.6.24", "Ctrl-D leaves");

            pty.type("p = (alloc_pages GFP_KERNEL 1)\r");
            assertThat(pty.await(PROMPT)).contains("pfn:0x");

            pty.type("page nonsense\r");
            assertThat(pty.await(PROMPT))
                    .contains("page: 'nonsense' is no address")
                    .doesNotContain("console:");

            pty.type("this is not wanted" + Pty.CTRL_C);
            pty.await(PROMPT);
            pty.type("free_pages $p\r");
            assertThat(pty.await(PROMPT)).doesNotContain("no command");

            pty.type("verify\r");
            assertThat(pty.await(PROMPT)).contains("no contradiction");

            pty.type(Pty.CTRL_D);
            assertThat(pty.exitStatus()).isZero();
        }
        assertThat(Kmemscope.userFolder().resolve("history")).content().contains("free_pages $p");
    }

    @ParameterizedTest
    @ValueSource(strings = {"xterm", "dumb"})
    void ctrlCInterruptsACommand(String terminal) throws IOException {
        try (Pty pty = new Pty(terminal, "")) {
            pty.await(PROMPT);
            pty.type("tick 1000000000000000\r");
            pty.await("\n");
            pty.type(Pty.CTRL_C);
            assertThat(pty.await(PROMPT)).contains("interrupted");

            pty.type("exit\r");
            assertThat(pty.exitStatus()).isZero();
        }
    }

    @Test
    void tabCompletesCommandsFlagsAndProfiles() throws IOException {
        try (Pty pty = new Pty("")) {
            pty.await(PROMPT);
            pty.type("pagety\t\r");
            assertThat(pty.await(PROMPT)).contains("Page block order");

            pty.type("gfp GFP_HIGHUSER_M\t\r");
            assertThat(pty.await(PROMPT)).contains("__GFP_MOVABLE");

            pty.type("boot i386-32\t\r");
            pty.await("i386-32m> ");
            pty.type(Pty.CTRL_D);
            assertThat(pty.exitStatus()).isZero();
        }
    }
}
