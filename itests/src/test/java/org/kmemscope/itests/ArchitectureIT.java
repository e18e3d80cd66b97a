package org.kmemscope.itests;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.Location;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The house rules, checked on the classes that are shipped: rooms meet only in the API. */
class ArchitectureIT {
    private static final String API = "org.kmemscope.api..";

    private final JavaClasses classes = shipped();

    private static JavaClasses shipped() {
        try (Stream<Path> jars = Stream.concat(
                Files.list(Kmemscope.FOLDER.resolve("bundle/5")),
                Files.isDirectory(Kmemscope.FOLDER.resolve("modules"))
                        ? Files.list(Kmemscope.FOLDER.resolve("modules"))
                        : Stream.empty())) {
            List<Location> locations = jars.map(jar -> Location.of(URI.create("jar:" + jar.toUri() + "!/")))
                    .toList();
            return new ClassFileImporter().importLocations(locations);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void noRoomKnowsAnother() {
        assertThat(classes.size()).isGreaterThan(200);
        slices().matching("org.kmemscope.(*)..")
                .should()
                .notDependOnEachOther()
                .ignoreDependency(alwaysTrue(), resideInAPackage(API))
                .check(classes);
    }

    @Test
    void theApiKnowsNoRoom() {
        noClasses()
                .that()
                .resideInAPackage(API)
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages(API, "java..", "org.osgi.annotation..")
                .check(classes);
    }

    @Test
    void theGroundAndThePageAllocatorKnowNoFloorAboveThem() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "org.kmemscope.physmem..",
                        "org.kmemscope.gfp..",
                        "org.kmemscope.mmu..",
                        "org.kmemscope.buddy..",
                        "org.kmemscope.zone..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.kmemscope.api.slab..",
                        "org.kmemscope.api.vmalloc..",
                        "org.kmemscope.api.highmem..",
                        "org.kmemscope.api.dma..",
                        "org.kmemscope.api.machine..",
                        "org.kmemscope.api.kernel..")
                .check(classes);
    }

    @Test
    void onlyTheShellPrints() {
        noClasses()
                .that()
                .resideOutsideOfPackages("org.kmemscope.shell..")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .check(classes);
    }

    @Test
    void machinesHaveNoClockAndNoChanceOfTheirOwn() {
        // the console may tell how long something took
        noClasses()
                .that()
                .resideOutsideOfPackage("org.kmemscope.shell..")
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(Math.class, "random")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.concurrent.ThreadLocalRandom")
                .check(classes);
    }
}
