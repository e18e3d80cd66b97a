package org.kmemscope.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.kmemscope.itests.Kmemscope.Outcome;

/** Who follows {@code docs/write-an-allocator.md} has an allocator, and who follows {@code docs/write-a-driver.md} has a driver. */
class WriteAnAllocatorIT {
    private static final Path LOADED = Kmemscope.FOLDER.resolve("load/firstfit-1.0.0.jar");
    private static Follower follower;

    @BeforeAll
    static void aHomeWithKmemscopeInIt() throws IOException {
        follower = new Follower("home");
    }

    @AfterAll
    static void nothingStays() throws IOException {
        Files.deleteIfExists(LOADED);
        follower.leave();
    }

    @Test
    void whoFollowsTheDocumentHasAnAllocator() throws IOException {
        List<Outcome> outcomes = follower.follow("docs/write-an-allocator.md");
        assertThat(outcomes).hasSize(4);
        assertThat(follower.home()
                        .resolve("firstfit/target/surefire-reports/TEST-com.example.firstfit.FirstFitContractTest.xml"))
                .as("the contract was run")
                .exists();
        String swapped = outcomes.get(2).out();
        assertThat(swapped)
                .contains("written before the exchange")
                .containsPattern("firstfit +object of kmalloc, 40 bytes from 0x")
                .contains("no contradiction");
        assertThat(outcomes.get(3).out()).contains("firstfit");
    }

    @Test
    void whoFollowsTheDocumentHasADriver() throws IOException {
        List<Outcome> outcomes = follower.follow("docs/write-a-driver.md");
        assertThat(outcomes).hasSize(4);
        assertThat(outcomes.get(1).err())
                .contains(
                        "dma_sync_single_for_cpu() is missing before PingModule.interrupt:63 [ping], which reads 1 byte");
        assertThat(outcomes.get(1).out()).doesNotContain("hello board");
        assertThat(outcomes.get(3).err()).doesNotContain("missing");
        assertThat(outcomes.get(3).out())
                .contains("ping: hello board")
                .contains("ping: hello again")
                .contains("no contradiction");
    }
}
