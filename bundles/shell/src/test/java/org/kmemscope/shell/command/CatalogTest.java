package org.kmemscope.shell.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine.Model.CommandSpec;

/** Every command is named as it is registered, and tells how it is used, with an example. */
class CatalogTest {
    static Stream<String> names() {
        return Catalog.names().stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyCommandHasHelpWithAnExample(String name) {
        CommandSpec spec = CommandFunction.commandLine(
                        Catalog.find(name).orElseThrow().create())
                .getCommandSpec();

        assertThat(spec.name()).isEqualTo(name);
        assertThat(spec.usageMessage().description()).isNotEmpty();
        assertThat(String.join("\n", spec.usageMessage().footer()))
                .containsPattern("(^|\\n)  (\\w+ = \\()?" + name + "\\b");
        assertThat(spec.options()).allMatch(option -> option.description().length > 0);
        assertThat(spec.positionalParameters()).allMatch(parameter -> parameter.description().length > 0);
    }

    @ParameterizedTest
    @MethodSource("names")
    void helpIsPrintedAsPlainText(String name) {
        String help = new TestDesk("i386-32m").print(name, "--help");

        assertThat(help).contains("Usage: " + name, "Example:").doesNotContain("\u001b", "${", "@|");
        assertThat(help.lines()).allMatch(line -> line.length() <= 100);
    }
}
