package org.kmemscope.shell.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** {@code docs/commands.md} is what the commands say of themselves; {@code -Dkmemscope.update} writes it anew. */
class CommandsDocumentTest {
    private static final Path FILE = Path.of("../../docs/commands.md");
    private static final String OPENING = """
            # Commands

            What each command of the console says of itself with `--help`. This page is made of it by
            `mvn verify -Dkmemscope.update`, and a test compares the two.

            Statements are separated by line breaks or `;`. `a = (COMMAND)` keeps an answer, `$a` uses it. `|` is a pipe, so GFP flags are
            joined by `+` or put in quotes. `#` begins a comment. Sizes are written `100`, `0x64`, `4k`, `1M`, `3p` (pages); addresses in hex, with
            or without `0x`, or by a name that `layout` prints; pages `pfn:0x1234`, `1234`, or an address of the linear mapping.

            The commands of Felix on bundles are there too: `lb`, `headers`, `inspect` and others; `felix:help` tells of them.

            The small tools of Gogo are there too: `echo`, `grep`, `head`, `tail`, `sort`, `wc`, `cat`, and for scripts `each`, `if`, `not`,
            `while`, `until`, `try`, `throw`, `break`, `continue`.
            """;

    @Test
    void theDocumentIsWhatTheCommandsSay() throws IOException {
        String generated = generate();
        if (Boolean.getBoolean("kmemscope.update")) {
            Files.writeString(FILE, generated);
        }

        assertThat(FILE).content().isEqualTo(generated);
    }

    private static String generate() {
        StringBuilder text = new StringBuilder(OPENING);
        for (Catalog.Group group : Catalog.groups()) {
            text.append("\n## ").append(group.title()).append('\n');
            for (Catalog.Entry entry : group.entries()) {
                text.append("\n### ").append(entry.name()).append("\n\n```\n");
                CommandFunction.usage(CommandFunction.commandLine(entry.create()))
                        .lines()
                        .forEach(line -> text.append(line.stripTrailing()).append('\n'));
                text.append("```\n");
            }
        }
        return text.toString();
    }
}
