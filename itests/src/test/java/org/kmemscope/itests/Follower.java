package org.kmemscope.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.itests.Kmemscope.Outcome;

/**
 * A home with kmemscope in it, and somebody who does what a document says, step by step: every block of shell lines in it. Only Maven is told to
 * look for plugins and libraries in the repository of this build instead of the net, and to keep what it gets apart.
 */
final class Follower {
    private static final Pattern STEP = Pattern.compile("(?ms)^```sh\\n(.*?)^```");

    private final Path home;

    Follower(String name) throws IOException {
        home = Kmemscope.scratch().resolve(name);
        remove(home);
        Files.createDirectories(home.resolve("bin"));
        Files.createSymbolicLink(home.resolve("kmemscope"), Kmemscope.ROOT);
        String repository =
                System.getProperty("kmemscope.repository", System.getProperty("user.home") + "/.m2/repository");
        Files.writeString(
                home.resolve("settings.xml"),
                "<settings><mirrors><mirror><id>build</id><mirrorOf>central</mirrorOf><url>"
                        + Path.of(repository).toUri() + "</url></mirror></mirrors></settings>");
        Path maven = home.resolve("bin/mvn");
        Files.writeString(
                maven,
                "#!/bin/sh\nexec \"" + System.getProperty("kmemscope.maven", "/usr/share/maven")
                        + "/bin/mvn\" -B -q -s \""
                        + home.resolve("settings.xml") + "\" -Dmaven.repo.local=\"" + home.resolve("repository")
                        + "\" \"$@\"\n");
        assertThat(maven.toFile().setExecutable(true)).isTrue();
    }

    Path home() {
        return home;
    }

    /** Does every step; each must end well. */
    List<Outcome> follow(String document) throws IOException {
        Matcher steps = STEP.matcher(Files.readString(Kmemscope.ROOT.resolve(document)));
        List<Outcome> outcomes = new ArrayList<>();
        while (steps.find()) {
            Outcome outcome = Kmemscope.shell(
                    "set -e; HOME='" + home + "'; export HOME; PATH='" + home + "/bin':$PATH; cd; " + steps.group(1));
            assertThat(outcome.status()).as("%s\n%s", steps.group(1), outcome).isZero();
            outcomes.add(outcome);
        }
        return outcomes;
    }

    void leave() throws IOException {
        remove(home);
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
}
