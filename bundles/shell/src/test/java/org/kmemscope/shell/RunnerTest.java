package org.kmemscope.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.apache.felix.gogo.jline.Posix;
import org.apache.felix.gogo.jline.Procedural;
import org.apache.felix.gogo.runtime.CommandProcessorImpl;
import org.apache.felix.gogo.runtime.threadio.ThreadIOImpl;
import org.apache.felix.service.command.CommandSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.kmemscope.shell.command.Catalog;
import org.kmemscope.shell.command.CommandFunction;
import org.kmemscope.shell.command.Source;
import org.kmemscope.shell.command.TestDesk;

/** Texts run by a real Gogo, on a machine made with {@code new}. */
class RunnerTest {
    private static final Source FILE = Source.file("test.gosh");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final ThreadIOImpl threadIo = new ThreadIOImpl();
    private final CommandSession session;
    private final Runner runner;

    RunnerTest() {
        threadIo.start();
        CommandProcessorImpl processor = new CommandProcessorImpl(threadIo);
        TestDesk desk = new TestDesk("i386-32m");
        Catalog.entries()
                .forEach(entry -> processor.addCommand("kmem", new CommandFunction(desk.desk(), entry), entry.name()));
        for (String tool : List.of("each", "try", "if", "not")) {
            processor.addCommand("gogo", new Procedural(), tool);
        }
        for (String tool : List.of("echo", "grep")) {
            processor.addCommand("gogo", new Posix(processor), tool);
        }
        processor.addConverter(new HandleConverter());
        PrintStream outStream = new PrintStream(out, true, StandardCharsets.UTF_8);
        PrintStream errStream = new PrintStream(new PipeNoise(err), true, StandardCharsets.UTF_8);
        session = processor.createSession(new ByteArrayInputStream(new byte[0]), outStream, errStream);
        session.put("GREP_COLORS", "mt=0:fn=0:ln=0:se=0");
        Settings settings = new Settings("i386-32m", false, false, false, false, false, false, Optional.empty());
        runner = new Runner(session, settings, outStream, errStream);
    }

    @AfterEach
    void close() {
        session.close();
        threadIo.stop();
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void answersArePrintedAndAssignmentsAreSilentInFiles() {
        assertThat(runner.run("p = (alloc_pages GFP_KERNEL 0); $p\nfree_pages $p", FILE))
                .isZero();

        assertThat(out()).matches("pfn:0x[0-9a-f]+\n");
        assertThat(err()).isEmpty();
    }

    @Test
    void assignmentsAreShownAtThePrompt() {
        assertThat(runner.run("p = (alloc_pages GFP_KERNEL 0)", new Source("console", 1, true)))
                .isZero();

        assertThat(out()).matches("pfn:0x[0-9a-f]+\n");
    }

    @Test
    void aListOfBlocksStandsForEachOfThem() {
        assertThat(runner.run("all = (alloc_pages -n 5 GFP_KERNEL 1)\nfree_pages $all\nverify", FILE))
                .isZero();

        assertThat(out()).contains("no contradiction");
    }

    @Test
    void theLineOfAFailureIsThatOfTheInnermostCommand() {
        assertThat(runner.run("tick\n\neach [1 2] {\n  tick\n  page nonsense\n}\ntick", FILE))
                .isEqualTo(Status.FAILED);

        assertThat(err()).startsWith("test.gosh:5: page: 'nonsense' is no address");
        assertThat(out()).isEqualTo("jiffies = 1\njiffies = 2\n");
    }

    @Test
    void unknownCommandsGetAHint() {
        assertThat(runner.run("tick\nbudyinfo", FILE)).isEqualTo(Status.FAILED);

        assertThat(err())
                .isEqualTo(
                        "test.gosh:2: no command is called budyinfo; did you mean buddyinfo?; help lists them all\n");
    }

    @Test
    void flagsJoinedByAPipeAreExplained() {
        assertThat(runner.run("alloc_pages GFP_KERNEL|__GFP_ZERO 0", FILE)).isEqualTo(Status.FAILED);

        assertThat(err()).isEqualTo("test.gosh:1: no command is called __GFP_ZERO; join flags with + : | is a pipe\n");
    }

    @Test
    void aFailureInTheMiddleOfAPipeIsToldOnce() {
        assertThat(runner.run("page nonsense | grep x", FILE)).isEqualTo(Status.FAILED);

        assertThat(err()).hasLineCount(1).startsWith("test.gosh:1: page: 'nonsense' is no address");
    }

    @Test
    void conditionsAndAlternativesAreOneStatement() {
        assertThat(runner.run("tick && tick\necho done", FILE)).isZero();

        assertThat(out()).isEqualTo("jiffies = 1\njiffies = 2\ndone\n");
    }

    @Test
    void nothingRunsOfATextThatDoesNotParse() {
        assertThat(runner.run("tick\necho (", FILE)).isEqualTo(Status.USAGE);

        assertThat(err()).hasLineCount(1).startsWith("test.gosh:2: syntax error");
        assertThat(out()).isEmpty();
    }

    @Test
    void incompleteTextsAreKnown() {
        assertThat(Runner.isIncomplete("each [1 2] {")).isTrue();
        assertThat(Runner.isIncomplete("echo 'abc")).isTrue();
        assertThat(Runner.isIncomplete("echo abc")).isFalse();
        assertThat(Runner.isIncomplete("echo )")).isFalse();
    }

    @Test
    void exitLeaves() {
        assertThat(runner.run("tick; exit; tick", FILE)).isZero();

        assertThat(runner.left()).isTrue();
        assertThat(out()).isEqualTo("jiffies = 1\n");
    }
}
