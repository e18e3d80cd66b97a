package org.kmemscope.shell;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.kmemscope.shell.command.OutputLost;

/**
 * Standard output of the process. A {@link java.io.PrintStream} over it keeps quiet about what could not be written, so that a
 * script would go on for nobody: this says it with an exception of its own.
 */
final class StandardOutput extends OutputStream {
    private final FileOutputStream out = new FileOutputStream(FileDescriptor.out);

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            throw new OutputLost(e);
        }
    }
}
