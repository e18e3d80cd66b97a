package org.kmemscope.slub;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.kmemscope.api.ground.BootOptions;
import org.kmemscope.api.slab.SlabFlag;

/**
 * {@code slub_debug=} on the command line: which caches are made with which debug flags.
 *
 * <pre>
 *   slub_debug               F, Z, P and U for all caches
 *   slub_debug=ZP            these for all caches
 *   slub_debug=ZP,dentry     these for one; since 4.20 several names, and * for any end of one; before, every name that begins so
 *   slub_debug=,dentry       F, Z, P and U for one
 *   slub_debug=ZP,a;F,b      another set for another name, since 5.8
 *   slub_debug=-             none
 *   slub_debug=O             none for caches whose slabs would get larger by it
 *
 *   F consistency checks   Z red zones   P poison   U last user   T trace   A may fail by fault injection
 * </pre>
 *
 * <p>Source: {@code setup_slub_debug}, {@code parse_slub_debug_flags}, {@code kmem_cache_flags}.
 *
 * @param blocks what stands between semicolons, in order
 * @param sparesOrder whether caches are spared whose order would rise
 * @param globs whether names are compared in full, but for a star; else by how they begin
 */
record DebugOptions(List<Block> blocks, boolean sparesOrder, boolean globs) {
    private static final String OPTION = "slub_debug";
    private static final int DEFAULT = SlabFlag.SLAB_CONSISTENCY_CHECKS.bit()
            | SlabFlag.SLAB_RED_ZONE.bit()
            | SlabFlag.SLAB_POISON.bit()
            | SlabFlag.SLAB_STORE_USER.bit();

    /** Flags that make objects larger ({@code DEBUG_METADATA_FLAGS}). */
    static final int ENLARGING =
            SlabFlag.SLAB_RED_ZONE.bit() | SlabFlag.SLAB_POISON.bit() | SlabFlag.SLAB_STORE_USER.bit();

    /** Keeps an unmodifiable copy. */
    DebugOptions {
        blocks = List.copyOf(blocks);
    }

    /**
     * One set of flags.
     *
     * @param flags bits of {@link SlabFlag}
     * @param names caches it is for; empty for all
     */
    record Block(int flags, List<String> names) {
        Block {
            names = List.copyOf(names);
        }
    }

    /**
     * Reads the command line.
     *
     * @param on whether all caches are debugged if nobody says anything (CONFIG_SLUB_DEBUG_ON)
     * @param several whether several blocks are known, since 5.8
     * @param globs whether several names are known, since 4.20
     * @param unknown gets the kernel's line about each letter it does not know
     */
    static DebugOptions of(
            BootOptions options,
            boolean on,
            boolean several,
            boolean globs,
            java.util.function.Consumer<String> unknown) {
        String text = options.get(OPTION).orElse(on ? "" : "-");
        List<Block> blocks = new ArrayList<>();
        boolean spares = false;
        for (String part : several ? text.split(";", -1) : new String[] {text}) {
            int comma = part.indexOf(',');
            String letters = (comma < 0 ? part : part.substring(0, comma)).toLowerCase(Locale.ROOT);
            spares |= letters.indexOf('o') >= 0;
            List<String> names = comma < 0 ? List.of() : names(part.substring(comma + 1), globs);
            int flags = flags(letters, unknown);
            // "O" alone spares caches from flags that nobody asked for
            if (flags != 0) {
                blocks.add(new Block(flags, names));
            }
        }
        return new DebugOptions(blocks, spares, globs);
    }

    private static List<String> names(String text, boolean globs) {
        return globs
                ? Arrays.stream(text.split(",")).filter(name -> !name.isEmpty()).toList()
                : List.of(text);
    }

    private static int flags(String letters, java.util.function.Consumer<String> unknown) {
        if (letters.isEmpty() || letters.equals("1")) {
            return DEFAULT;
        }
        int flags = 0;
        for (char letter : letters.toCharArray()) {
            switch (letter) {
                case '-' -> {
                    return 0;
                }
                case 'f' -> flags |= SlabFlag.SLAB_CONSISTENCY_CHECKS.bit();
                case 'z' -> flags |= SlabFlag.SLAB_RED_ZONE.bit();
                case 'p' -> flags |= SlabFlag.SLAB_POISON.bit();
                case 'u' -> flags |= SlabFlag.SLAB_STORE_USER.bit();
                case 't' -> flags |= SlabFlag.SLAB_TRACE.bit();
                case 'a' -> flags |= SlabFlag.SLAB_FAILSLAB.bit();
                case 'o' -> {
                    // told apart above
                }
                default -> unknown.accept("slub_debug option '" + letter + "' unknown. skipped");
            }
        }
        return flags;
    }

    /** The flags that are added for a cache. */
    int flagsFor(String cache) {
        for (Block block : blocks) {
            if (block.names.stream().anyMatch(name -> matches(name, cache))) {
                return block.flags;
            }
        }
        return blocks.stream()
                .filter(block -> block.names.isEmpty())
                .mapToInt(Block::flags)
                .reduce(0, (a, b) -> b);
    }

    private boolean matches(String name, String cache) {
        if (!globs) {
            return cache.startsWith(name);
        }
        int star = name.indexOf('*');
        return star < 0 ? cache.equals(name) : cache.startsWith(name.substring(0, star));
    }
}
