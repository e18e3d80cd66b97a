package org.kmemscope.slub;

/**
 * How a free object names the next one. What is stored in the object is the pointer, combined by exclusive or with a key.
 *
 * <pre>
 *   PLAIN     key = 0
 *   MIXED     key = random ^ address the pointer is stored at
 *   SWAPPED   key = random ^ that address with its bytes reversed
 * </pre>
 *
 * <p>The end of a list, NULL, is stored in the same way. {@code random} is drawn for each cache when it is created. Source:
 * {@code freelist_ptr}; CONFIG_SLAB_FREELIST_HARDENED came with 4.14, the reversed bytes with 5.7, as the upper bytes of two addresses
 * in one slab are alike.
 */
enum FreePointers {
    /** As they are. */
    PLAIN {
        @Override
        int key(int random, long at) {
            return 0;
        }
    },
    /** Hardened, 4.14 to 5.6. */
    MIXED {
        @Override
        int key(int random, long at) {
            return random ^ (int) at;
        }
    },
    /** Hardened since 5.7. */
    SWAPPED {
        @Override
        int key(int random, long at) {
            return random ^ Integer.reverseBytes((int) at);
        }
    };

    /**
     * What a pointer is combined with.
     *
     * @param random the cache's random number
     * @param at address at which the pointer is stored
     */
    abstract int key(int random, long at);
}
