package org.kmemscope.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The API is what {@code api-baseline.txt} says it is, or its packages have new versions. Before the first release a change need only be
 * written down there, so that who reviews it sees it; the first line of the file says whether that is so.
 */
class ApiBaselineTest {
    private static final Path BASELINE = Path.of("api-baseline.txt");
    private static final String UNRELEASED =
            "# not released yet: a change is written down here, and needs no new version";
    private static final String RELEASED =
            "# released: a package that is not as it is here has a new version; see docs/write-an-allocator.md";

    @Test
    void theApiIsAsItWasOrSaysThatItIsNot() throws IOException {
        List<String> text = Files.isRegularFile(BASELINE) ? Files.readAllLines(BASELINE) : List.of(UNRELEASED);
        assertThat(text.get(0)).isIn(UNRELEASED, RELEASED);
        boolean released = text.get(0).equals(RELEASED);
        ApiListing now = ApiListing.ofClasses();
        assertThat(now.lines().keySet()).hasSizeGreaterThan(15);
        List<ApiComparison> changes = ApiComparison.compare(ApiListing.parse(text), now);
        List<ApiComparison> unsaid = changes.stream()
                .filter(change -> released && !change.isVersioned())
                .toList();
        assertThat(unsaid)
                .as(() -> unsaid.stream()
                        .map(change -> change.describe() + "\nThis wants version " + change.wanted()
                                + " or higher in the" + " package-info.java of " + change.name() + ".\n")
                        .collect(Collectors.joining("\n", "\nThe API has changed, and its version has not:\n", "")))
                .isEmpty();
        if (Boolean.getBoolean("kmemscope.update")) {
            Files.writeString(BASELINE, text.get(0) + "\n" + now.text());
            return;
        }
        assertThat(changes)
                .as(() -> changes.stream()
                        .map(ApiComparison::describe)
                        .collect(Collectors.joining(
                                "\n",
                                "\nThe API is not what bundles/api/api-baseline.txt says:\n",
                                "\nIf this is meant, 'mvn verify -pl bundles/api -Dkmemscope.update' writes it down"
                                        + (released
                                                ? ".\n"
                                                : "; no version need be raised before the first release.\n"))))
                .isEmpty();
    }

    // ---- the rules themselves

    private static ApiComparison only(List<String> before, List<String> now) {
        List<ApiComparison> changes = ApiComparison.compare(ApiListing.parse(before), ApiListing.parse(now));
        assertThat(changes).hasSize(1);
        return changes.get(0);
    }

    @Test
    void whatIsNewForProvidersWantsAMinorVersion() {
        ApiComparison change = only(
                List.of("package p 1.2.3", "p.A: provider interface"),
                List.of("package p 1.2.3", "p.A: provider interface", "p.A: abstract void x()"));
        assertThat(change.isVersioned()).isFalse();
        assertThat(change.wanted()).isEqualTo("1.3.0");
        assertThat(change.describe()).isEqualTo("p 1.2.3\n  + p.A: abstract void x()");
    }

    @Test
    void whatBreaksUsersWantsAMajorVersion() {
        ApiComparison gone = only(
                List.of("package p 1.2.3", "p.A: provider interface", "p.A: abstract void x()"),
                List.of("package p 1.9.0", "p.A: provider interface"));
        assertThat(gone.wanted()).isEqualTo("2.0.0");
        assertThat(gone.isVersioned()).isFalse();
        ApiComparison duty = only(
                List.of("package p 1.2.3", "p.A: consumer interface"),
                List.of("package p 2.0.0", "p.A: consumer interface", "p.A: abstract void x()"));
        assertThat(duty.wanted()).isEqualTo("2.0.0");
        assertThat(duty.isVersioned()).isTrue();
    }

    @Test
    void beforeVersionOneAMinorVersionIsEnough() {
        ApiComparison change = only(
                List.of("package p 0.1.0", "p.A: record", "p.A: components int x"),
                List.of("package p 0.2.0", "p.A: record", "p.A: components long x"));
        assertThat(change.wanted()).isEqualTo("0.2.0");
        assertThat(change.isVersioned()).isTrue();
    }

    @Test
    void aNewPackageMayHaveAnyVersion() {
        List<String> none = List.of();
        assertThat(only(none, List.of("package p 0.1.0", "p.A: record")).isVersioned())
                .isTrue();
    }
}
