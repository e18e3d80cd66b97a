package org.kmemscope.fidelity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The figures of {@code docs/fidelity.md} are those of the captures below the folder that the system property {@code kmemscope.reference} names;
 * with {@code kmemscope.update} they are written there. Not run by default, as the captures are no part of the project.
 */
@EnabledIfSystemProperty(named = "kmemscope.reference", matches = ".+")
class ScoresTest {
    private static final Path DOCUMENT = Path.of("../../docs/fidelity.md");

    @Test
    void theDocumentHasTheFiguresOfTheCaptures() throws IOException {
        Scores scores = Scores.of(Path.of(System.getProperty("kmemscope.reference")));
        String text = Files.readString(DOCUMENT);
        String updated = text;
        updated = section(updated, "families", scores.byFamily());
        updated = section(updated, "captures", scores.byCapture());
        updated = section(updated, "differences", scores.differences());
        updated = section(updated, "not modelled", scores.notModelled());
        updated = section(updated, "refused", scores.refused());
        if (System.getProperty("kmemscope.update") != null) {
            Files.writeString(DOCUMENT, updated);
        } else {
            assertThat(text).isEqualTo(updated);
        }
    }

    private static String section(String text, String name, List<String> lines) {
        String begin = "<!-- " + name + " -->\n";
        String end = "<!-- end of " + name + " -->";
        int from = text.indexOf(begin);
        int to = text.indexOf(end);
        assertThat(from).as(begin).isNotNegative();
        assertThat(to).as(end).isGreaterThan(from);
        return text.substring(0, from + begin.length()) + "\n"
                + String.join("\n", lines).strip() + "\n\n" + text.substring(to);
    }
}
