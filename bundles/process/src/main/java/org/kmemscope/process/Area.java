package org.kmemscope.process;

/**
 * An area of a process ({@code vm_area_struct}): private anonymous memory.
 *
 * @param start first address, page-aligned
 * @param end one past the last, page-aligned
 * @param writable whether it may be written to
 * @param kind what it is for
 */
record Area(long start, long end, boolean writable, Kind kind) {
    /** What an area is for. */
    enum Kind {
        /** {@code mmap()}. */
        ANONYMOUS(""),
        /** {@code brk()}. */
        HEAP("[heap]"),
        /** Grows down when it is touched below its start. */
        STACK("[stack]");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        /** The name in {@code maps}. */
        String label() {
            return label;
        }
    }

    boolean contains(long virt) {
        return virt >= start && virt < end;
    }

    boolean overlaps(long from, long to) {
        return from < end && start < to;
    }

    long size() {
        return end - start;
    }

    Area withRange(long from, long to) {
        return new Area(from, to, writable, kind);
    }

    /** {@code vma_merge()}: whether the two are one if they lie side by side. */
    boolean isLike(Area other) {
        return writable == other.writable && kind == other.kind && kind != Kind.STACK;
    }
}
