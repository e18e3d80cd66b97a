package org.kmemscope.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.kmemscope.itests.Kmemscope.Outcome;

/** The scripts that start it, where something is missing or in the way. */
class StartIT {
    private static final String NO_BUILD_SKIPPED = "env -u KMEMSCOPE_NO_BUILD";

    /** A folder with only these programs in it, to be the whole path. */
    private static Path pathWith(String name, List<String> programs) throws IOException {
        Path folder = Files.createDirectories(Kmemscope.scratch().resolve(name));
        for (String program : programs) {
            Path link = folder.resolve(program);
            if (!Files.exists(link)) {
                String place = Kmemscope.shell("command -v " + program).out().trim();
                Files.createSymbolicLink(link, Path.of(place));
            }
        }
        return folder;
    }

    /** A checkout in which nothing is built. */
    private static Path unbuilt() throws IOException {
        Path folder = Files.createDirectories(Kmemscope.scratch().resolve("un built"));
        Files.deleteIfExists(folder.resolve("kmemscope"));
        Files.copy(Kmemscope.ROOT.resolve("kmemscope"), folder.resolve("kmemscope"));
        return folder.resolve("kmemscope");
    }

    @Test
    void aMissingJavaIsNamed() throws IOException {
        Path path = pathWith("no-java", List.of("sh", "env", "readlink", "find", "ls"));

        Outcome built = Kmemscope.shell("PATH=" + path + " JAVA_HOME= ./kmemscope -c tick");
        assertThat(built.status()).as("%s", built).isEqualTo(69);
        assertThat(built.err()).hasLineCount(1).contains("there is no 'java' on the path", "needs Java 17");

        Outcome unbuilt =
                Kmemscope.shell("PATH=" + path + " JAVA_HOME= " + NO_BUILD_SKIPPED + " '" + unbuilt() + "' -c tick");
        assertThat(unbuilt.status()).as("%s", unbuilt).isEqualTo(69);
        assertThat(unbuilt.err()).hasLineCount(1).contains("there is no 'java' on the path", "needs a JDK, 17");
    }

    @Test
    void aMissingMavenIsNamedIfSomethingHasToBeBuilt() throws IOException {
        Path path = pathWith("no-mvn", List.of("sh", "env", "readlink", "find", "ls", "java"));

        Outcome outcome = Kmemscope.shell("PATH=" + path + " " + NO_BUILD_SKIPPED + " '" + unbuilt() + "' -c tick");

        assertThat(outcome.status()).as("%s", outcome).isEqualTo(69);
        assertThat(outcome.err()).hasLineCount(1).contains("there is no 'mvn' on the path", "Maven 3.8");
    }

    @Test
    void itMayBeCalledByALinkFromAnywhere() throws IOException {
        Path link = Kmemscope.scratch().resolve("a link");
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, Kmemscope.ROOT.resolve("kmemscope"));

        assertThat(Kmemscope.shell("cd / && '" + link + "' -c tick").out()).isEqualTo("jiffies = 1\n");
    }

    @Test
    void classesAreLaidOutBeforehand() {
        Outcome outcome = Kmemscope.shell("KMEMSCOPE_JAVA_OPTS=-Xlog:class+load ./kmemscope -c tick");

        assertThat(outcome.out().lines().filter(line -> line.contains("org.kmemscope.machine.")))
                .anyMatch(line -> line.endsWith("source: shared objects file (top)"));
    }

    @Test
    void aReaderThatGoesEndsItQuietly() {
        Outcome outcome = Kmemscope.shell("(./kmemscope -c 'while { true } { zoneinfo }'; echo $? >&2) | head -n 1");

        assertThat(outcome.out()).isEqualTo("Node 0, zone      DMA\n");
        assertThat(outcome.err()).isEqualTo("141\n");
    }

    @Test
    void aFullDiskIsToldAndAFailure() {
        Outcome outcome = Kmemscope.shell("./kmemscope -c buddyinfo > /dev/full");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err()).isEqualTo("-c:1: standard output: No space left on device\n");
    }

    @Test
    void sixtyFourGibibytesFitIntoASmallHeap() {
        Outcome outcome = Kmemscope.shell("KMEMSCOPE_JAVA_OPTS=-Xmx450m ./kmemscope -m linux-6.1-686-pae,mem=63G"
                + " -c 'wr -s -p 0xf00000000 far; rd -s -p 0xf00000000'");

        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(outcome.out()).isEqualTo("f00000000:  \"far\"\n");
    }
}
