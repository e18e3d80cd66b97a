package org.kmemscope.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.kmemscope.itests.Kmemscope.Outcome;

/**
 * Does what {@code docs/write-an-allocator.md} says, step by step: every block of shell lines in it, in a home that has kmemscope in it. Only
 * Maven is told to look for plugins and libraries in the repository of this build instead of the net, and to keep what it gets apart.
 */
class WriteAnAllocatorIT {
    private static final Pattern STEP = Pattern.compile("(?ms)^```sh\\n(.*?)^```");
    private static final Path HOME = Kmemscope.scratch().resolve("home");
    private static final Path LOADED = Kmemscope.FOLDER.resolve("load/firstfit-1.0.0.jar");

    @BeforeEach
    void aHomeWithKmemscopeInIt() throws IOException {
        remove(HOME);
        Files.createDirectories(HOME.resolve("bin"));
        Files.createSymbolicLink(HOME.resolve("kmemscope"), Kmemscope.ROOT);
        String repository =
                System.getProperty("kmemscope.repository", System.getProperty("user.home") + "/.m2/repository");
        Files.writeString(
                HOME.resolve("settings.xml"),
                "<settings><mirrors><mirror><id>build</id><mirrorOf>central</mirrorOf><url>"
                        + Path.of(repository).toUri() + "</url></mirror></mirrors></settings>");
        Path maven = HOME.resolve("bin/mvn");
        Files.writeString(
                maven,
                "#!/bin/sh\nexec \"" + System.getProperty("kmemscope.maven", "/usr/share/maven")
                        + "/bin/mvn\" -B -q -s \""
                        + HOME.resolve("settings.xml") + "\" -Dmaven.repo.local=\"" + HOME.resolve("repository")
                        + "\" \"$@\"\n");
        assertThat(maven.toFile().setExecutable(true)).isTrue();
    }

    @AfterEach
    void nothingStays() throws IOException {
        Files.deleteIfExists(LOADED);
        remove(HOME);
    }

    private static void remove(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        List<Path> all;
        try (var found = Files.walk(folder)) {
            all = new ArrayList<>(found.toList());
        }
        for (int i = all.size() - 1; i >= 0; i--) {
            Files.delete(all.get(i));
        }
    }

    @Test
    void whoFollowsTheDocumentHasAnAllocator() throws IOException {
        Matcher steps = STEP.matcher(Files.readString(Kmemscope.ROOT.resolve("docs/write-an-allocator.md")));
        List<Outcome> outcomes = new ArrayList<>();
        while (steps.find()) {
            Outcome outcome = Kmemscope.shell(
                    "set -e; HOME='" + HOME + "'; export HOME; PATH='" + HOME + "/bin':$PATH; cd; " + steps.group(1));
            assertThat(outcome.status()).as("%s\n%s", steps.group(1), outcome).isZero();
            outcomes.add(outcome);
        }
        assertThat(outcomes).hasSize(4);
        assertThat(HOME.resolve("firstfit/target/surefire-reports/TEST-com.example.firstfit.FirstFitContractTest.xml"))
                .as("the contract was run")
                .exists();
        String swapped = outcomes.get(2).out();
        assertThat(swapped)
                .contains("written before the exchange")
                .containsPattern("firstfit +object of kmalloc, 40 bytes from 0x")
                .contains("no contradiction");
        assertThat(outcomes.get(3).out()).contains("firstfit");
    }
}
