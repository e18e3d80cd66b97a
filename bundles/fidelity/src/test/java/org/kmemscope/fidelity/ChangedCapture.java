package org.kmemscope.fidelity;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.kmemscope.api.capture.Capture;

/** A copy of a capture in which some answers are others. */
final class ChangedCapture {
    private ChangedCapture() {}

    /**
     * Writes a capture into a folder.
     *
     * @param changes of the text of each file
     */
    static Path of(Capture capture, Path folder, List<UnaryOperator<String>> changes) throws IOException {
        for (String file : capture.files()) {
            String text = String.join("\n", capture.lines(file).orElse(List.of())) + "\n";
            for (UnaryOperator<String> change : changes) {
                text = change.apply(text);
            }
            Files.writeString(folder.resolve(file), text, StandardCharsets.ISO_8859_1);
        }
        return folder;
    }
}
