package org.kmemscope.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.felix.gogo.jline.Posix;
import org.apache.felix.gogo.jline.Procedural;
import org.apache.felix.gogo.runtime.CommandProcessorImpl;
import org.apache.felix.gogo.runtime.threadio.ThreadIOImpl;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Job;
import org.apache.felix.service.command.Process;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.kmemscope.shell.command.Catalog;
import org.kmemscope.shell.command.CommandFunction;
import org.kmemscope.shell.command.FinishedJobs;
import org.kmemscope.shell.command.OutputLost;
import org.kmemscope.shell.command.Source;
import org.kmemscope.shell.command.TestDesk;

/** Texts run by a real Gogo, on a machine made with {@code new}. */
class RunnerTest {
    private static final Source FILE = Source.file("test.gosh");

    private static final Settings SETTINGS =
            new Settings("i386-32m", false, false, false, false, false, false, false, Optional.empty());

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final PrintStream outStream = new PrintStream(out, true, StandardCharsets.UTF_8);
    private final PrintStream errStream = new PrintStream(new PipeNoise(err), true, StandardCharsets.UTF_8);
    private final TestDesk desk = new TestDesk("i386-32m");
    private final ThreadIOImpl threadIo = new ThreadIOImpl();
    private final CommandProcessorImpl processor = new CommandProcessorImpl(threadIo);
    private final CommandSession session;
    private final Runner runner;

    RunnerTest() {
        threadIo.start();
        Catalog.entries()
                .forEach(entry -> processor.addCommand("kmem", new CommandFunction(desk.desk(), entry), entry.name()));
        for (String tool : List.of("each", "try", "if", "not", "while")) {
            processor.addCommand("gogo", new Procedural(), tool);
        }
        for (String tool : List.of("echo", "grep")) {
            processor.addCommand("gogo", new Posix(processor), tool);
        }
        processor.addConverter(new HandleConverter());
        session = processor.createSession(new ByteArrayInputStream(new byte[0]), outStream, errStream);
        session.put("GREP_COLORS", "mt=0:fn=0:ln=0:se=0");
        runner = new Runner(session, SETTINGS, outStream, errStream);
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
    void scriptsSeeTheMessageOfAFailure() {
        assertThat(runner.run("try { page nonsense } { echo \"no: $exception\" }", FILE))
                .isZero();

        assertThat(out()).isEqualTo("no: page: 'nonsense' is no address; one looks like 0xc01a0000 or c01a0000\n");
    }

    @Test
    void aLoopForgetsTheCommandsItHasRun() {
        AtomicInteger most = new AtomicInteger();
        processor.addCommand(
                "test",
                (Function) (current, arguments) -> {
                    Job loop = Process.Utils.current().job().parent();
                    most.accumulateAndGet(FinishedJobs.kept(loop), Math::max);
                    return null;
                },
                "look");

        assertThat(runner.run("each [1 2 3 4 5 6 7 8 9 10] { tick; look }", FILE))
                .isZero();

        assertThat(most.get()).isBetween(1, 4);
    }

    @Test
    void aScriptIsShownWithItsBlankLines() {
        Settings shown = new Settings("i386-32m", false, false, false, true, false, false, false, Optional.empty());
        String script = "# one\n\n# two\ntick\n\neach [1] {\n\n  tick\n}\n";

        assertThat(new Runner(session, shown, outStream, errStream).run(script, FILE))
                .isZero();

        assertThat(out())
                .isEqualTo("# one\n\n# two\n> tick\njiffies = 1\n\n> each [1] {\n\n    tick\n  }\njiffies = 2\n");
    }

    @Test
    void nothingGoesOnWithoutOutput() {
        OutputStream full = new OutputStream() {
            @Override
            public void write(int b) {
                throw new OutputLost(new IOException("No space left on device"));
            }
        };
        try (CommandSession other = processor.createSession(
                new ByteArrayInputStream(new byte[0]), new PrintStream(full), new PrintStream(full))) {
            Runner lost = new Runner(other, SETTINGS, new PrintStream(full), errStream);
            assertThat(lost.run("while { true } { tick }", FILE)).isEqualTo(Status.FAILED);
            assertThat(lost.left()).isTrue();
        }
        assertThat(err()).isEqualTo("test.gosh:1: standard output: No space left on device\n");
        assertThat(new OutputLost(new IOException("Broken pipe")).unread()).isTrue();
    }

    @Test
    void aTranscriptReadsLikeAScreen() throws IOException {
        String typed = "tick\npage nonsense\neach [1 2] {\n  tick\n}\nexit\ntick\n";

        new Transcript(desk.desk(), runner, outStream).run(new BufferedReader(new StringReader(typed)), "hello");

        assertThat(out()).isEqualTo("""
                hello
                kmemscope> tick
                jiffies = 1
                i386-32m> page nonsense
                i386-32m> each [1 2] {
                >   tick
                > }
                jiffies = 2
                jiffies = 3
                i386-32m> exit
                """);
        assertThat(err()).startsWith("page: 'nonsense' is no address").hasLineCount(1);
    }

    @Test
    void exitLeaves() {
        assertThat(runner.run("tick; exit; tick", FILE)).isZero();

        assertThat(runner.left()).isTrue();
        assertThat(out()).isEqualTo("jiffies = 1\n");
    }
}
