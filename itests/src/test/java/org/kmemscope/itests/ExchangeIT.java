package org.kmemscope.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.kmemscope.itests.Kmemscope.Outcome;

/** The exchange of allocators as a user does it: {@code swap}, the framework's own ways with bundles, the folder {@code load}. */
class ExchangeIT {
    private static Outcome script(String machine, String text) throws IOException {
        Path file = Kmemscope.scratch().resolve("exchange.gosh");
        Files.writeString(file, text);
        return Kmemscope.run("-m", machine, "run", file.toString());
    }

    @Test
    void objectsOutliveTheirAllocators() throws IOException {
        Outcome outcome = script("i386-1g,cpus=2", """
                a = (kmalloc 100 GFP_KERNEL)
                wr -s $a 'written long ago'
                c = (kmem_cache_create packets 200)
                o = (kmem_cache_alloc packets GFP_KERNEL)
                v = (vmalloc 5p)
                swap slab slub
                rd -s $a
                ksize $a
                slabinfo | grep packets
                slabinfo | grep size-128
                swap slub slab
                swap object slub
                swap page buddy
                allocators
                whatis $a
                kmem_cache_destroy $c
                """);

        assertThat(outcome.out())
                .contains("object allocator      slab -> slub\n", "calls drained         0\n")
                .contains("1 cache, ", ", no contradiction\n", "\"written long ago\"\n", "\n128\n")
                .containsPattern("packets +1 +1 +200")
                .containsPattern("size-128 +1 +1 +128")
                .contains("engine of free areas  buddy -> buddy\n")
                .containsPattern("LEFT BY +OBJECTS +OF +SLABS +OF +PAGES\nslab ")
                .contains("of cache size-128, left by slab, allocated");
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err()).contains("SLUB packets: kmem_cache_destroy called for cache that still has objects.");
    }

    @Test
    void stoppingStartingUpdatingAndUninstallingBundlesIsAnExchange() throws IOException {
        Outcome outcome = script("i386-1g", """
                insmod article
                a = (kmalloc 100 GFP_KERNEL)
                wr -s $a hello
                stop slob
                stop slab
                allocators
                felix:stop slub
                allocators
                try { kmalloc 10 GFP_KERNEL } { echo refused }
                try { vmalloc 1p } { echo refused }
                verify
                start slub
                rd -s $a
                start slab
                allocators | grep object
                update slab
                uninstall slub
                stop bitmap
                stop buddy
                try { alloc_pages GFP_KERNEL 0 } { echo refused }
                verify
                start buddy
                rmmod article
                kfree $a
                allocators
                verify
                """);

        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(outcome.out())
                .contains("slub fills in for slab\n")
                .contains("\nno object allocator: slub has left: ")
                .contains("\"hello\"\n")
                .containsPattern("refused\nrefused\n\\d+ checks, no contradiction\n")
                .endsWith(", no contradiction\n")
                .doesNotContain("0 checks");
        assertThat(outcome.err())
                .contains("kmemscope: object allocator: slab -> slub")
                .contains("kmemscope: no engine of free areas: buddy has left: ")
                .contains("kmemscope: engine of free areas: none -> buddy")
                .doesNotContain("leaked");
    }

    @Test
    void mistakesAreToldInALine() {
        assertThat(Kmemscope.run("-c", "stop nothing").err())
                .contains("stop: no bundle is called nothing; there are api, ");
        assertThat(Kmemscope.run("-c", "stop shell").err()).contains("carries the console itself");
        assertThat(Kmemscope.run("-c", "swap slab slob2").err())
                .contains("no started bundle provides an object allocator called slob2; there are slab");
    }

    @Test
    void whatIsNoBundleInTheFolderIsToldAndKeepsNobodyFromWork() throws IOException {
        Path dropped = Files.writeString(Kmemscope.FOLDER.resolve("load/notes.jar"), "no jar at all");
        try {
            Outcome outcome = Kmemscope.run("-c", "tick");
            assertThat(outcome.err())
                    .contains("kmemscope: load: notes.jar: is no bundle: its manifest must have a Bundle-SymbolicName");
            assertThat(outcome.status()).isZero();
        } finally {
            Files.delete(dropped);
        }
    }

    @Test
    void aNewVersionInTheFolderTakesOverAndLeavesWithItsFile() throws IOException, InterruptedException {
        Path newer = TestBundle.withVersion("slab", "9.0.0");
        Path dropped = Kmemscope.FOLDER.resolve("load/slab-9.jar");
        Process process = Kmemscope.process(
                        List.of(Kmemscope.ROOT.resolve("kmemscope").toString()))
                .redirectErrorStream(true)
                .start();
        try (PrintStream in = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
                BufferedReader out =
                        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            in.println("a = (kmalloc 100 GFP_KERNEL); wr -s $a hello; allocators | grep free");
            assertThat(await(in, out, "free areas", "")).isTrue();
            Files.copy(newer, dropped);
            assertThat(await(in, out, "slab -> slab", "dmesg | tail -n 1; echo ."))
                    .isTrue();
            Files.delete(dropped);
            // the machine goes back, so the line stands there twice
            assertThat(await(
                            in,
                            out,
                            "twice",
                            "dmesg | grep 'slab -> slab' | wc -l | grep 2 > /dev/null && echo twice; echo ."))
                    .isTrue();
            in.println("rd -s $a; kfree $a; verify");
            assertThat(await(in, out, "no contradiction", "")).isTrue();
        } finally {
            Files.deleteIfExists(dropped);
            process.destroy();
        }
    }

    /** Reads lines until one has a word; asks again and again if there is something to ask, for half a minute. */
    private static boolean await(PrintStream in, BufferedReader out, String word, String question)
            throws IOException, InterruptedException {
        for (int i = 0; i < 1_200; i++) {
            if (!question.isEmpty()) {
                Thread.sleep(25);
                in.println(question);
            }
            String line = out.readLine();
            if (line == null || line.contains(word)) {
                return line != null;
            }
        }
        return false;
    }

    @Test
    void theSameScenarioRunsOnEveryAllocatorSideBySide() throws IOException {
        String example = Kmemscope.ROOT
                .resolve("docs/examples/compare/small-objects.gosh")
                .toString();
        Outcome outcome = script(
                "i386-32m", "compare " + example + " --slab slab,slub,slob --page buddy,bitmap\nmeminfo | head -n 1\n");

        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(outcome.out())
                .containsPattern("slab/buddy +slub/buddy +slob/buddy +slab/bitmap +slub/bitmap +slob/bitmap\n")
                .containsPattern("internal fragmentation +\\d+\\.\\d % ")
                .containsPattern("verify +ok +ok +ok +ok +ok +ok\n")
                .contains("MemTotal:");
    }

    @Test
    void aDriverIsComparedAndUnloadedFromEachMachine() throws IOException {
        Path work = Kmemscope.scratch().resolve("driver.gosh");
        Files.writeString(work, "insmod article leak=1\n");
        Outcome outcome = script("i386-1g", "compare " + work + " --slab slab,slub --json\nlsmod\ninsmod article\n");

        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(outcome.out()).contains("\"name\" : \"slab\"", "\"name\" : \"slub\"", "\"failures\" : [ ]");
    }
}
