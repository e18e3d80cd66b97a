package org.kmemscope.shell;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Standard error without what Gogo says of a failure in the middle of a pipe: it comes with the class of the exception and without
 * the place, and {@link Runner} tells it properly. Gogo writes such a line in one piece.
 */
final class PipeNoise extends FilterOutputStream {
    private static final byte[] MARK = "gogo: ".getBytes(StandardCharsets.US_ASCII);

    PipeNoise(OutputStream out) {
        super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (!isNoise(bytes, offset, length)) {
            out.write(bytes, offset, length);
        }
    }

    private static boolean isNoise(byte[] bytes, int offset, int length) {
        for (int i = 0; i < MARK.length; i++) {
            if (i >= length || bytes[offset + i] != MARK[i]) {
                return false;
            }
        }
        return true;
    }
}
