package org.kmemscope.api.capture;

/** A question that a capture cannot answer, because the file that would is not in it. */
public final class NotCaptured extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message which file is missing, in one line
     */
    public NotCaptured(String message) {
        super(message);
    }
}
