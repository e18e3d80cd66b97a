package org.kmemscope.itests;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** kmemscope as a child process, started by the script of the checkout, with pipes and no terminal. */
final class Kmemscope {
    static final Path ROOT =
            Path.of(System.getProperty("kmemscope.root", "..")).toAbsolutePath().normalize();
    static final Path FOLDER = ROOT.resolve("distribution/target/kmemscope");
    private static final Path SCRATCH = ROOT.resolve("itests/target/scratch");
    private static final Duration LIMIT = Duration.ofSeconds(120);

    private Kmemscope() {}

    /** What a process left behind. */
    record Outcome(int status, String out, String err) {
        /** Everything it printed, for messages of assertions. */
        @Override
        public String toString() {
            return "status " + status + "\n--- standard output\n" + out + "--- standard error\n" + err;
        }
    }

    /** Runs it with some words, for longer than tests usually may. */
    static Outcome runFor(Duration limit, String... words) {
        List<String> command = new ArrayList<>(List.of(ROOT.resolve("kmemscope").toString()));
        command.addAll(List.of(words));
        return execute(command, "", limit);
    }

    /** Runs it with some words. */
    static Outcome run(String... words) {
        return runWithInput("", words);
    }

    /** Runs it with some words and something on standard input. */
    static Outcome runWithInput(String input, String... words) {
        List<String> command = new ArrayList<>(List.of(ROOT.resolve("kmemscope").toString()));
        command.addAll(List.of(words));
        return execute(command, input);
    }

    /** Runs a line of the shell in the checkout. */
    static Outcome shell(String line) {
        return shellWithInput(line, "");
    }

    /** Runs a line of the shell in the checkout with something on standard input. */
    static Outcome shellWithInput(String line, String input) {
        return execute(List.of("sh", "-c", line), input);
    }

    /** A folder for files of tests. */
    static Path scratch() {
        try {
            return Files.createDirectories(SCRATCH);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The folder that stands for a user's {@code ~/.kmemscope}. */
    static Path userFolder() {
        return scratch().resolve("user");
    }

    /** The folder for temporary files. */
    static Path temporaryFolder() {
        try {
            return Files.createDirectories(SCRATCH.resolve("tmp"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static ProcessBuilder process(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command).directory(ROOT.toFile());
        Map<String, String> environment = builder.environment();
        environment.put("KMEMSCOPE_NO_BUILD", "1");
        environment.put("KMEMSCOPE_HOME", userFolder().toString());
        environment.put("KMEMSCOPE_JAVA_OPTS", "-Djava.io.tmpdir=" + temporaryFolder());
        return builder;
    }

    /** What the script of the checkout does after a build, once: it makes each of the many starts faster. */
    private static final class Archive {
        private static final int STATUS = make();

        private static int make() {
            try {
                ProcessBuilder builder =
                        process(List.of(FOLDER.resolve("bin/kmemscope").toString()));
                builder.environment().put("KMEMSCOPE_ARCHIVE", "make");
                return builder.inheritIO().start().waitFor();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static Outcome execute(List<String> command, String input) {
        return execute(command, input, LIMIT);
    }

    private static Outcome execute(List<String> command, String input, Duration limit) {
        if (Archive.STATUS != 0) {
            throw new AssertionError("no archive of classes can be made: status " + Archive.STATUS);
        }
        try {
            Process process = process(command).start();
            CompletableFuture<String> out = read(process.getInputStream());
            CompletableFuture<String> err = read(process.getErrorStream());
            process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().close();
            if (!process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(command + " did not end\n" + out.join() + err.join());
            }
            return new Outcome(process.exitValue(), out.join(), err.join());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static CompletableFuture<String> read(InputStream stream) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
