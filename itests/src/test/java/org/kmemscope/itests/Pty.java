package org.kmemscope.itests;

import java.io.IOException;
import java.io.OutputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A terminal with kmemscope in it, made by {@code script} of bsdutils. */
final class Pty implements AutoCloseable {
    static final String CTRL_C = "\u0003";
    static final String CTRL_D = "\u0004";
    private static final long TIMEOUT_MILLIS = 60_000;
    private static final long PAUSE_MILLIS = 20;

    private final Process process;
    private final OutputStream keyboard;
    private final StringBuffer screen = new StringBuffer();
    private int seen;

    Pty(String words) throws IOException {
        this(System.getenv().getOrDefault("TERM", "xterm"), words);
    }

    /** A terminal of another kind. */
    Pty(String kind, String words) throws IOException {
        // a terminal of no size shows no prompt
        process = Kmemscope.process(List.of(
                        "script",
                        "-qefc",
                        "stty rows 40 cols 160; TERM=" + kind + " exec ./kmemscope " + words,
                        "/dev/null"))
                .redirectErrorStream(true)
                .start();
        keyboard = process.getOutputStream();
        Thread reader = new Thread(this::read, "screen");
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        try (Reader output = process.inputReader(StandardCharsets.UTF_8)) {
            char[] buffer = new char[4096];
            for (int length = output.read(buffer); length >= 0; length = output.read(buffer)) {
                screen.append(buffer, 0, length);
            }
        } catch (IOException e) {
            screen.append("\n").append(e);
        }
    }

    /** Types. */
    Pty type(String keys) {
        try {
            keyboard.write(keys.getBytes(StandardCharsets.UTF_8));
            keyboard.flush();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until a text appears after what was awaited last; what came up to its end, without escape sequences. */
    String await(String text) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MILLIS);
        while (System.nanoTime() < end) {
            int at = screen.indexOf(text, seen);
            if (at >= 0) {
                String part = screen.substring(seen, at + text.length());
                seen = at + text.length();
                return part.replaceAll("\u001b\\[[0-9;?]*[a-zA-Z]", "");
            }
            pause();
        }
        throw new AssertionError("'" + text + "' did not come; what came is:\n" + screen.substring(seen));
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits for the end; the exit status. */
    int exitStatus() {
        try {
            if (!process.waitFor(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new AssertionError("it did not end:\n" + screen);
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
