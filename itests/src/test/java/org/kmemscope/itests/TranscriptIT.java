package org.kmemscope.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Transcripts in documents are what the programs print. {@code -Dkmemscope.update} writes them anew. */
class TranscriptIT {
    /** Every document with transcripts. */
    static List<Path> documents() {
        try (Stream<Path> files = Files.walk(Kmemscope.ROOT.resolve("docs"))) {
            return Stream.concat(Stream.of(Kmemscope.ROOT.resolve("README.md")), files.sorted())
                    .filter(file -> file.toString().endsWith(".md") && !new Transcripts(read(file)).isEmpty())
                    .map(Kmemscope.ROOT::relativize)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("documents")
    void transcriptsAreWhatTheProgramsPrint(Path document) throws IOException {
        Path file = Kmemscope.ROOT.resolve(document);
        String replayed = new Transcripts(read(file)).replayed();
        if (Boolean.getBoolean("kmemscope.update")) {
            Files.writeString(file, replayed);
        }

        assertThat(read(file)).isEqualTo(replayed);
    }

    @Test
    void theDocumentsForNewcomersHaveTranscripts() {
        assertThat(documents())
                .contains(Path.of("README.md"), Path.of("docs/tutorial.md"), Path.of("docs/articles.md"));
        assertThat(read(Kmemscope.ROOT.resolve("README.md")))
                .contains("```console\n$ ./kmemscope demo --exit\n")
                .contains("alloc_pages --all GFP_DMA 0");
    }

    @Test
    void everyExampleScriptIsShownRunning() throws IOException {
        String examples = read(Kmemscope.ROOT.resolve("docs/examples/README.md"));
        try (Stream<Path> files = Files.list(Kmemscope.ROOT.resolve("docs/examples"))) {
            assertThat(files.filter(file -> file.toString().endsWith(".gosh")))
                    .hasSizeGreaterThan(3)
                    .allSatisfy(script -> assertThat(examples)
                            .containsPattern("\n\\$ \\./kmemscope .*run .*docs/examples/" + script.getFileName()));
        }
    }
}
