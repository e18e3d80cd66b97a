package org.kmemscope.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.kmemscope.itests.Kmemscope.Outcome;

/** Scripts: {@code run FILE}, and lines on standard input. */
class ScriptIT {
    private static String script(String name, String text) throws IOException {
        Path file = Kmemscope.scratch().resolve(name);
        Files.writeString(file, text);
        return file.toString();
    }

    @Test
    void aScriptRunsWithItsArguments() throws IOException {
        String file = script("arguments.gosh", """
                # takes a block of the order it is told
                boot i386-32m
                p = (alloc_pages $1 $2)
                free_pages $p
                verify
                """);

        Outcome outcome = Kmemscope.run("run", file, "GFP_KERNEL", "3");

        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(outcome.out())
                .startsWith("i386-32m: Linux 2.6.24, 32M of RAM, 1 CPU\n")
                .contains("no contradiction");
        assertThat(outcome.err()).isEmpty();
    }

    @Test
    void aFailingCommandIsToldWithFileAndLine() throws IOException {
        String file = script("fails.gosh", """
                tick 1

                each [1 2] {
                  tick 1

                  page nonsense
                }
                tick 1
                """);

        Outcome outcome = Kmemscope.run("run", file);

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err()).hasLineCount(1).startsWith("fails.gosh:6: page: 'nonsense' is no address");
        assertThat(outcome.out()).isEqualTo("jiffies = 1\njiffies = 2\n");
    }

    @Test
    void aKernelBugIsToldInTheKernelsWords() throws IOException {
        String file = script("bug.gosh", "tick 250\nrd 0x1000\n");

        Outcome outcome = Kmemscope.run("run", file);

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err())
                .contains("bug.gosh:2: BUG: unable to handle kernel paging request at virtual address 00001000");
    }

    @Test
    void aScriptThatDoesNotParseIsASyntaxErrorAndRunsNothing() throws IOException {
        String file = script("syntax.gosh", "tick 1\neach [1 2] {\n  tick 1\n");

        Outcome outcome = Kmemscope.run("run", file);

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).hasLineCount(1).startsWith("syntax.gosh:").contains("syntax error");
        assertThat(outcome.out()).isEmpty();
    }

    @Test
    void whatIsNoTextIsAUsageError() throws IOException {
        Path file = Kmemscope.scratch().resolve("binary.gosh");
        Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 0});

        Outcome outcome = Kmemscope.run("run", file.toString());

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).isEqualTo("kmemscope: " + file + ": not a text in UTF-8\n");
    }

    @Test
    void aMissingFileIsAUsageError() {
        Outcome outcome = Kmemscope.run("run", "/nowhere/nothing.gosh");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).isEqualTo("kmemscope: /nowhere/nothing.gosh: no such file\n");
    }

    @Test
    void failuresCanBeCaught() throws IOException {
        String file = script("caught.gosh", "try { page nonsense } { echo caught }\ntick\n");

        Outcome outcome = Kmemscope.run("run", file);

        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(outcome.out()).isEqualTo("caught\njiffies = 1\n");
    }

    @Test
    void theScriptIsShownOnRequest() throws IOException {
        String file = script("shown.gosh", "# lets time pass\ntick 2\n");

        assertThat(Kmemscope.run("run", "-x", file).out()).isEqualTo("# lets time pass\n> tick 2\njiffies = 2\n");
    }

    @Test
    void exitEndsAScriptAsASuccess() throws IOException {
        Outcome outcome = Kmemscope.run("run", script("exit.gosh", "tick\nexit\npage nonsense\n"));

        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(outcome.out()).isEqualTo("jiffies = 1\n");
    }

    @Test
    void aScriptMayComeFromStandardInputWithArguments() {
        Outcome outcome = Kmemscope.runWithInput("tick $1\n", "run", "-", "7");

        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(outcome.out()).isEqualTo("jiffies = 7\n");
    }

    @Test
    void linesOfStandardInputRunWithoutPromptOrBanner() {
        Outcome outcome = Kmemscope.runWithInput("tick\neach [1 2] {\n  tick\n}\npage nonsense\ntick\n");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.out()).isEqualTo("jiffies = 1\njiffies = 2\njiffies = 3\n");
        assertThat(outcome.err()).hasLineCount(1).startsWith("stdin:5: page: 'nonsense' is no address");
    }
}
