package org.kmemscope.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.itests.Kmemscope.Outcome;

/**
 * Transcripts in documents are what the programs print: blocks of {@code console} in which a line with {@code $} is a command, and what
 * follows is its output, standard error included. {@code -Dkmemscope.update} writes them anew.
 */
class TranscriptIT {
    private static final Pattern BLOCK = Pattern.compile("(?s)```console\n(.*?)```\n");
    private static final String PROMPT = "$ ";

    @ParameterizedTest
    @ValueSource(strings = {"README.md"})
    void transcriptsAreWhatThePrograms(String document) throws IOException {
        Path file = Kmemscope.ROOT.resolve(document);
        String text = Files.readString(file);
        String replayed = BLOCK.matcher(text)
                .replaceAll(block -> Matcher.quoteReplacement("```console\n" + replay(block) + "```\n"));
        if (Boolean.getBoolean("kmemscope.update")) {
            Files.writeString(file, replayed);
        }

        assertThat(Files.readString(file)).isEqualTo(replayed);
    }

    private static String replay(MatchResult block) {
        StringBuilder text = new StringBuilder();
        for (String line : block.group(1).lines().toList()) {
            if (line.startsWith(PROMPT)) {
                Outcome outcome = Kmemscope.shell("exec 2>&1; " + line.substring(PROMPT.length()));
                text.append(line).append('\n').append(outcome.out());
            }
        }
        return text.toString();
    }

    @Test
    void theReadmeHasTranscripts() throws IOException {
        assertThat(Files.readString(Kmemscope.ROOT.resolve("README.md")))
                .contains("```console\n$ ./kmemscope demo --exit\n")
                .contains("alloc_pages --all GFP_DMA 0");
    }
}
