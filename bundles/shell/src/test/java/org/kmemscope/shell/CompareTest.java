package org.kmemscope.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.felix.gogo.jline.Posix;
import org.apache.felix.gogo.jline.Procedural;
import org.apache.felix.gogo.runtime.CommandProcessorImpl;
import org.apache.felix.gogo.runtime.threadio.ThreadIOImpl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kmemscope.shell.command.Catalog;
import org.kmemscope.shell.command.CommandFunction;
import org.kmemscope.shell.command.Failure;
import org.kmemscope.shell.command.TestDesk;

/** The same script on machines with SLAB and with SLUB. */
class CompareTest {
    private static final Settings SETTINGS =
            new Settings("i386-32m", false, false, false, false, false, false, false, Optional.empty());

    @TempDir
    private Path folder;

    private final TestDesk desk = TestDesk.withObjects("i386-32m");
    private final ThreadIOImpl threadIo = new ThreadIOImpl();
    private final CommandProcessorImpl processor = new CommandProcessorImpl(threadIo);

    CompareTest() {
        threadIo.start();
        Catalog.entries()
                .forEach(entry -> processor.addCommand(
                        ShellComponent.SCOPE, new CommandFunction(desk.desk(), entry), entry.name()));
        for (String tool : List.of("each", "try", "while", "if")) {
            processor.addCommand("gogo", new Procedural(), tool);
        }
        processor.addCommand("gogo", new Posix(processor), "echo");
        processor.addConverter(new HandleConverter());
        desk.runScriptsWith(new SideSessions(processor, () -> SETTINGS));
    }

    @AfterEach
    void stop() {
        threadIo.stop();
    }

    private String script(String text) throws IOException {
        return Files.writeString(folder.resolve("work.gosh"), text).toString();
    }

    private JsonNode compare(String text, String... options) throws IOException {
        String[] words = new String[options.length + 2];
        words[0] = script(text);
        words[1] = "--json";
        System.arraycopy(options, 0, words, 2, options.length);
        return new ObjectMapper().readTree(desk.print("compare", words));
    }

    private static long moment(JsonNode comparison, int run, String moment, String what) {
        return comparison.at("/runs/" + run + "/work/" + moment + "/" + what).asLong();
    }

    @Test
    void bytesAskedForAreTheSameAndBytesHeldAreNot() throws IOException {
        JsonNode all = compare("kmem_cache_create things 3000\nmine = (kmem_cache_alloc_bulk things 60 GFP_KERNEL)");

        assertThat(all.at("/runs")).extracting(run -> run.get("name").asText()).containsExactly("slab", "slub");
        for (int run = 0; run < 2; run++) {
            assertThat(moment(all, run, "peak", "objects")).isGreaterThanOrEqualTo(60);
            assertThat(moment(all, run, "end", "requested")).isBetween(60L * 3000, 60L * 3000 + 1000);
            assertThat(moment(all, run, "end", "held")).isGreaterThan(60 * 3000);
            assertThat(all.at("/runs/" + run + "/work/end/cachePages/things").asLong())
                    .isGreaterThanOrEqualTo(60 * 3000 / 4096);
        }
    }

    @Test
    void theCurrentMachineStaysAsItIs() throws IOException {
        long before = desk.machine().locked(() -> desk.machine().pages().freePageCount());

        JsonNode all = compare("alloc_pages -n 50 GFP_KERNEL 2", "--slab", "slub");

        assertThat(all.at("/runs").size()).isEqualTo(1);
        assertThat(moment(all, 0, "end", "pages") - moment(all, 0, "start", "pages"))
                .isEqualTo(200);
        assertThat(desk.machine().locked(() -> desk.machine().pages().freePageCount()))
                .isEqualTo(before);
        assertThat(desk.machine().parts()).containsEntry("object", "slab");
    }

    @Test
    void aPeakWithinOneCommandIsCounted() throws IOException {
        JsonNode all = compare("free_pages (alloc_pages -n 30 GFP_KERNEL 0)", "--slab", "slab");

        assertThat(all.at("/runs/0/work/mostPages").asLong() - moment(all, 0, "start", "pages"))
                .isEqualTo(30);
        assertThat(moment(all, 0, "end", "pages")).isEqualTo(moment(all, 0, "start", "pages"));
    }

    @Test
    void failuresAreToldInTheirOrderWithTheirPlace() throws IOException {
        String text = desk.print("compare", script("""
                all = (alloc_pages --all GFP_ATOMIC+__GFP_NOWARN 9)
                try { alloc_pages GFP_ATOMIC 10 } { echo no }
                """), "--slab", "slab", "--order", "10");

        assertThat(text)
                .contains("slab: failure 1: order 9, GFP_ATOMIC|GFP_NOWARN, at work.gosh:1\n")
                .contains("slab: failure 2: order 10, GFP_ATOMIC, at work.gosh:2\n")
                .contains("free memory, order 10 unusable")
                .containsPattern("verify +ok\n");
    }

    @Test
    void aScriptThatFailsEndsThereAndTheCommandFails() throws IOException {
        String bad = script("tick\nkfree nonsense\nkmalloc 4 GFP_KERNEL");

        assertThatThrownBy(() -> desk.run("compare", bad))
                .isInstanceOf(Failure.class)
                .hasMessage("compare: the script failed on slab, slub");
        assertThat(desk.out()).contains("slab: ended early: work.gosh:2: kfree: ");
    }

    @Test
    void theScriptHasArgumentsAndKeepsToItsMachine() throws IOException {
        String seen = desk.print(
                "compare",
                script("echo given $1\ntry { boot i386-1g } { echo $exception }"),
                "seven",
                "-v",
                "--slab",
                "slab");

        assertThat(seen).contains("==> slab <==\ngiven seven\n").contains("runs on the machine it is given");
        assertThat(desk.desk().currentName()).contains("i386-32m");
    }

    @Test
    void mistakesGetOneLine() throws IOException {
        String empty = script("tick");

        assertThatThrownBy(() -> desk.run("compare", folder.resolve("none.gosh").toString()))
                .hasMessageEndingWith("none.gosh: no such file");
        assertThatThrownBy(() -> desk.run("compare", empty, "--slab", "slab,slob"))
                .hasMessage("compare: no started bundle provides the object allocator 'slob'; there are slab, slub");
        assertThatThrownBy(() -> desk.run("compare", empty, "--order", "11"))
                .hasMessage("compare: an order is 0 to 10 here, not 11");
    }

    @Test
    void twoRunsAreEqual() throws IOException {
        String work = "a = (kmalloc 100 GFP_KERNEL)\nalloc_pages -n 9 GFP_ATOMIC 1";

        assertThat(compare(work)).isEqualTo(compare(work));
    }
}
