package org.kmemscope.mmu;

/** Builds {@code PRESENT|RW|USER} word by word. */
final class FlagWords {
    private final StringBuilder words = new StringBuilder();

    FlagWords add(boolean holds, String word) {
        if (holds) {
            words.append(words.isEmpty() ? "" : "|").append(word);
        }
        return this;
    }

    FlagWords add(String word) {
        return add(true, word);
    }

    @Override
    public String toString() {
        return words.toString();
    }
}
