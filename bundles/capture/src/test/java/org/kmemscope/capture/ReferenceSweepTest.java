package org.kmemscope.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.kmemscope.api.capture.Capture;
import org.kmemscope.api.capture.Captures;
import org.kmemscope.api.capture.MachineSeed;
import org.kmemscope.api.capture.NotCaptured;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.view.Views;
import org.kmemscope.capture.file.FileKind;

/** All captures of a folder, named by the system property {@code kmemscope.reference}; not run by default. */
@EnabledIfSystemProperty(named = "kmemscope.reference", matches = ".+")
class ReferenceSweepTest {
    static List<Path> captures() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(System.getProperty("kmemscope.reference")), 6)) {
            return files.filter(file -> file.getFileName().toString().matches("dmesg-boot.txt"))
                    .map(Path::getParent)
                    .sorted()
                    .toList();
        }
    }

    private static void sweep(Captures captures) throws IOException {
        List<String> failures = new ArrayList<>();
        int count = 0;
        for (Path folder : captures()) {
            try {
                Capture capture = captures.open(folder);
                MachineSeed seed = capture.seed();
                System.out.println(folder.getFileName() + " " + seed.pages().isPresent() + " " + seed.exactLists() + " "
                        + seed.notes());
                Clones.check(capture, seed);
                count++;
            } catch (RuntimeException | AssertionError e) {
                StackTraceElement[] st = e.getStackTrace();
                failures.add(folder + ": " + e.toString().replace("\n", " | ")
                        + (e instanceof AssertionError
                                ? ""
                                : " at " + (st.length > 0 ? st[0] + " " + st[Math.min(1, st.length - 1)] : "")));
            }
        }
        System.out.println(count + " captures fine");
        assertThat(failures).isEmpty();
    }

    /** Also those folders in which there is no more than a few files of /proc. */
    private static List<Path> folders() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(System.getProperty("kmemscope.reference")), 6)) {
            return files.filter(file -> FileKind.of(file.getFileName().toString())
                            .filter(kind -> kind == FileKind.ZONEINFO || kind == FileKind.DMESG)
                            .isPresent())
                    .map(Path::getParent)
                    .distinct()
                    .sorted()
                    .toList();
        }
    }

    /** Each question is answered, or the file that would have told is named. */
    private static List<Object> answers(Capture capture) {
        List<Function<Views, Object>> questions = List.of(
                Views::version,
                Views::zones,
                Views::nodeStatistics,
                Views::migrateTypes,
                Views::slabCaches,
                Views::vmapAreas,
                Views::iomem,
                Views::meminfo,
                Views::vmstat,
                Views::dmesg);
        List<Object> answers = new ArrayList<>();
        for (Function<Views, Object> question : questions) {
            try {
                answers.add(question.apply(capture.views()));
            } catch (NotCaptured e) {
                answers.add(e.getMessage().replace(capture.name(), "NAME"));
            }
        }
        return answers;
    }

    @Test
    void everyCaptureAnswersAsFolderTarAndZip(@TempDir Path temp) throws IOException {
        for (Path folder : folders()) {
            Path copy = Files.createDirectories(temp.resolve(folder.toString().replace('/', '_')));
            for (Path file : Samples.list(folder)) {
                if (FileKind.of(file.getFileName().toString()).isPresent()) {
                    Files.copy(file, copy.resolve(file.getFileName().toString()));
                }
            }
            Capture capture = Clones.CAPTURES.open(folder);
            List<Object> answers = answers(capture);
            String name = folder.toString();
            assertThat(answers(Clones.CAPTURES.open(Samples.tar(copy, temp.resolve("sample.tar"), true))))
                    .as(name)
                    .isEqualTo(answers);
            assertThat(answers(Clones.CAPTURES.open(Samples.zip(copy, temp.resolve("sample.zip"), false))))
                    .as(name)
                    .isEqualTo(answers);
            System.out.println(name + ": "
                    + answers.stream().filter(String.class::isInstance).count() + " questions open, missing "
                    + capture.missing().size());
        }
    }

    /** The states of every vector, whatever it is about: pages, objects, DMA. */
    @Test
    void everyStateOfEveryVectorIsCloned() throws IOException {
        int states = 0;
        for (Path folder : captures()) {
            Capture capture = Clones.CAPTURES.open(folder);
            for (String file : capture.files()) {
                if (!file.startsWith("vec-")) {
                    continue;
                }
                for (String tag : List.of("start", "mid", "end")) {
                    Optional<PageState> state = capture.state(file, tag);
                    if (state.isPresent()) {
                        MachineSeed seed = capture.seed();
                        Machine machine = Clones.boot(new MachineSeed(
                                seed.profile(),
                                state,
                                true,
                                seed.caches(),
                                seed.slabs(),
                                seed.vmalloc(),
                                seed.notes()));
                        String name = folder.getFileName() + " " + file + " " + tag;
                        assertThat(machine.verify().problems()).as(name).isEmpty();
                        assertThat(SampleClonesTest.lists(machine.pages().state()))
                                .as(name)
                                .isEqualTo(SampleClonesTest.lists(state.get()));
                        states++;
                    }
                }
            }
        }
        System.out.println(states + " states fine");
        assertThat(states).isPositive();
    }

    @Test
    void everyCaptureIsClonedFromTheShippedProfileOfItsKernel() throws IOException {
        sweep(Clones.CAPTURES);
    }

    @Test
    void everyCaptureIsClonedWithoutAnyProfile() throws IOException {
        sweep(Clones.BARE);
    }
}
