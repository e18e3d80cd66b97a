package org.kmemscope.shell.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code swap}, {@code allocators}, {@code start}, {@code stop}. */
class ExchangeCommandsTest {
    private final TestDesk desk = new TestDesk("i386-32m");

    @Test
    void anExchangeTellsWhatItDid() {
        assertThat(desk.print("swap", "page", "buddy"))
                .matches("(?s)engine of free areas  buddy -> buddy\n"
                        + "calls drained         0\n"
                        + "taken over            2 zones, \\d+ free blocks, \\d+ free pages\n"
                        + "time                  \\d+\\.\\d ms\n"
                        + "verify                \\d+ checks, no contradiction\n");
        assertThat(desk.print("swap", "buddy", "buddy")).startsWith("engine of free areas");
    }

    @Test
    void theReportIsJsonToo() throws Exception {
        JsonNode outcome = new ObjectMapper().readTree(desk.print("swap", "page", "buddy", "--json"));
        assertThat(outcome.path("report").path("from").asText()).isEqualTo("buddy");
        assertThat(outcome.path("report").path("taken").path("zones").asInt()).isEqualTo(2);
        assertThat(outcome.path("milliseconds").isNumber()).isTrue();
    }

    @Test
    void whatCannotBeExchangedIsToldInALine() {
        assertThatThrownBy(() -> desk.run("swap", "slob", "slub"))
                .hasMessage("swap: slob is not in use; none and buddy are. Say what to exchange: object or page");
        assertThatThrownBy(() -> desk.run("swap", "page", "bitmap"))
                .hasMessage("swap: no started bundle provides bitmap");
        assertThatThrownBy(() -> desk.run("stop", "slab")).hasMessage("stop: no bundle is called slab");
    }

    @Test
    void allocatorsShowsWhatIsMissing() {
        assertThat(desk.print("allocators"))
                .contains("free areas  buddy\n")
                .endsWith("\nno object allocator: nothing is parked\n");
    }

    @Test
    void partsAllocatorsAndBundlesAreCompleted() {
        Completion completion = new Completion(desk.desk(), List::of);
        desk.machine();
        assertThat(completion.words(List.of("swap"), "")).contains("object", "page", "buddy");
        assertThat(completion.words(List.of("swap", "page"), "")).contains("buddy", "slab");
        assertThat(completion.words(List.of("compare", "--slab"), "slab,sl")).containsExactly("slab,slub", "slab,slab");
        assertThat(completion.words(List.of("compare", "--page"), "")).containsExactly("buddy");
        assertThat(completion.words(List.of("stop"), "")).containsExactly("slab");
        assertThat(completion.words(List.of(), "l")).contains("lb");
    }
}
