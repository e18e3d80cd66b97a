package org.kmemscope.gfp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Holds {@code docs/gfp.md} to the tables. With {@code -Dkmemscope.docs=write} it brings the page up to date instead. */
class GfpPageTest {
    private static final Path PAGE = Path.of("..", "..", "docs", "gfp.md");

    @Test
    void thePageSaysWhatTheTablesSay() throws IOException {
        String page = Files.readString(PAGE);
        String expected = page;
        for (Map.Entry<String, String> part : new GfpPage().parts().entrySet()) {
            String begin = "<!-- generated: " + part.getKey() + " -->\n";
            String end = "<!-- end: " + part.getKey() + " -->";
            assertThat(expected).contains(begin, end);
            expected = expected.substring(0, expected.indexOf(begin) + begin.length())
                    + part.getValue()
                    + expected.substring(expected.indexOf(end));
        }
        if ("write".equals(System.getProperty("kmemscope.docs"))) {
            Files.writeString(PAGE, expected);
            page = expected;
        }
        assertThat(page)
                .as("docs/gfp.md is out of date; run mvn test -pl bundles/gfp -am -Dkmemscope.docs=write")
                .isEqualTo(expected);
    }
}
