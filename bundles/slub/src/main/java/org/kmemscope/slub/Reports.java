package org.kmemscope.slub;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * The reports of caches with debug flags, in the words and the layout of the kernel.
 *
 * <pre>
 *   =============================================================================
 *   BUG oracle_rz (Not tainted): Right Redzone overwritten
 *   -----------------------------------------------------------------------------
 *
 *   0xc292a06c-0xc292a06c @offset=108. First byte 0x42 instead of 0xcc
 *   Allocated in cmd_err+0x840/0xff0 [oracle] age=0 cpu=0 pid=222
 *   Slab 0xc292a000 objects=25 used=1 fp=0xc292ab48 flags=0x40000200(slab|zone=1)
 *   Object 0xc292a008 @offset=8 fp=0x00000000
 *
 *   Redzone  c292a000: cc cc cc cc cc cc cc cc                          ........
 *   Object   c292a008: 41 41 41 41 41 41 41 41 41 41 41 41 41 41 41 41  AAAAAAAAAAAAAAAA
 *   ...
 *   FIX oracle_rz: Restoring Right Redzone 0xc292a06c-0xc292a06c=0xcc
 * </pre>
 *
 * <p>A slab is named by the address of its pages, where Linux prints that of its {@code struct slab}; there is no stack below the place
 * that called. Source: {@code slab_bug}, {@code print_trailer}, {@code slab_fix}.
 */
final class Reports implements Stateful {
    private static final int RULE = 77;
    private static final int ROW = 16;
    private static final int HEX_COLUMNS = 49;
    private static final int FIRST_GRAPH = 0x21;
    private static final int LAST_GRAPH = 0x7e;
    private static final int BEFORE = 16;

    private final Basis basis;
    private final ObjectMemory memory;
    private final Slabs slabs;
    private final FreeLists freeLists;
    private final Tracks tracks;
    private final Words words;
    private final KernelLog log;
    private long errors;

    Reports(Basis basis, FreeLists freeLists, Tracks tracks) {
        this.basis = basis;
        this.freeLists = freeLists;
        this.tracks = tracks;
        memory = basis.memory();
        slabs = basis.slabs();
        words = basis.rules().words();
        log = basis.floor().log();
    }

    /** What was found wrong or put right until now: what the kernel's own tests count. */
    long errors() {
        return errors;
    }

    /** Counts something that is told elsewhere. */
    void count() {
        errors++;
    }

    // ---- what is wrong

    /** About a slab ({@code slab_err()}); some of the kernel's texts end with a line break, which shows. */
    void slab(Cache cache, int slab, String text) {
        head(cache, text);
        slabLine(slab);
        place();
        errors++;
    }

    /** About an object ({@code object_err()}). */
    void object(Cache cache, int slab, long object, String text) {
        head(cache, text);
        trailer(cache, slab, object);
        errors++;
    }

    /** About bytes that are not what they should be ({@code check_bytes_and_report()}). */
    void bytes(Cache cache, int slab, long object, String what, long first, long last, int wanted) {
        head(cache, what + " overwritten");
        say(String.format(words.bytes(), first, last, first - slabs.base(slab), memory.readByte(first), wanted));
        trailer(cache, slab, object);
        errors++;
    }

    /** What was done about it ({@code slab_fix()}). */
    void fix(Cache cache, String text) {
        say("FIX " + cache.name() + ": " + text);
        errors++;
    }

    void restored(Cache cache, String what, long first, long last, int value) {
        fix(cache, String.format(words.restored(), what, first, last, value));
    }

    /** An object that a cache still has when it is destroyed ({@code list_slab_objects()}). */
    void remaining(Cache cache, int slab, long object) {
        say(String.format(words.object(), object, object - slabs.base(slab)));
        if (cache.has(SlabFlag.SLAB_STORE_USER)) {
            tracks.lines(cache, object).forEach(this::say);
        }
    }

    /** SLAB_TRACE. */
    void trace(Cache cache, int slab, long object, boolean allocation) {
        log.printk(
                KernelLog.INFO,
                String.format(
                        "TRACE %s %s 0x%08x inuse=%d fp=0x%08x",
                        cache.name(), allocation ? "alloc" : "free", object, slabs.inUse(slab), slabs.free(slab)));
        if (!allocation) {
            section(KernelLog.INFO, "Object", object, cache.objectSize);
        }
    }

    // ---- its parts

    private void head(Cache cache, String text) {
        say("=".repeat(RULE));
        String taint = words.tainted().isEmpty() ? "" : " (" + (errors == 0 ? "Not tainted" : words.tainted()) + ")";
        say("BUG " + cache.name() + taint + ": " + text);
        say("-".repeat(RULE));
        say("");
    }

    private void slabLine(int slab) {
        int zone = basis.floor().frames().zone(slabs.pfn(slab));
        say(words.slabLine(
                slabs.base(slab),
                slabs.objects(slab),
                slabs.inUse(slab),
                slabs.free(slab),
                zone,
                slabs.order(slab) > 0));
    }

    private void trailer(Cache cache, int slab, long object) {
        ObjectLayout layout = cache.made.layout();
        if (cache.has(SlabFlag.SLAB_STORE_USER)) {
            tracks.lines(cache, object).forEach(this::say);
        }
        slabLine(slab);
        long base = slabs.base(slab);
        say(String.format(words.objectLine(), object, object - base, freeLists.next(cache, object)));
        say("");
        boolean redZone = cache.has(SlabFlag.SLAB_RED_ZONE);
        if (redZone && layout.redLeft() > 0) {
            section("Redzone", object - layout.redLeft(), layout.redLeft());
        } else if (object > base + BEFORE) {
            section("Bytes b4", object - BEFORE, BEFORE);
        }
        section("Object", object, Math.min(cache.objectSize, words.mostBytes()));
        if (redZone) {
            section("Redzone", object + cache.objectSize, cache.inUse - cache.objectSize);
        }
        int end = layout.size() - layout.redLeft();
        if (layout.tail() < end) {
            section("Padding", object + layout.tail(), end - layout.tail());
        }
        place();
    }

    /** Bytes that are not of an object. */
    void padding(long from, int length) {
        section("Padding", from, length);
    }

    private void section(String name, long from, int length) {
        section(KernelLog.ERR, name, from, length);
    }

    /** {@code print_hex_dump()}, or what was there before it. */
    private void section(int level, String name, long from, int length) {
        for (int row = 0; row < length; row += ROW) {
            StringBuilder hex = new StringBuilder();
            StringBuilder text = new StringBuilder();
            for (int i = row; i < Math.min(length, row + ROW); i++) {
                int value = memory.readByte(from + i);
                hex.append(String.format(hex.isEmpty() ? "%02x" : " %02x", value));
                text.append(isPrinted(value) ? (char) value : '.');
            }
            log.printk(level, String.format(words.hexRow(), name, from + row, hex, text));
        }
    }

    private boolean isPrinted(int value) {
        return value >= FIRST_GRAPH && value <= LAST_GRAPH || value == ' ' && words.printsBlanks();
    }

    /** {@code dump_stack()}: as far as there is one. */
    private void place() {
        ExecutionContext context = basis.floor().context();
        say(String.format(
                "CPU: %d PID: %d Comm: %s %s",
                context.cpu(),
                context.pid(),
                context.comm(),
                basis.floor().profile().kernel().release()));
        List<String> stack = new ArrayList<>(List.of("Call Trace:"));
        stack.add("  " + basis.floor().trace().callSites().text(context.callSite()));
        stack.forEach(this::say);
    }

    private void say(String line) {
        log.printk(KernelLog.ERR, line);
    }

    @Override
    public void save(StateWriter out) {
        out.putLong(errors);
    }

    @Override
    public void restore(StateReader in) {
        errors = in.getLong();
    }
}
