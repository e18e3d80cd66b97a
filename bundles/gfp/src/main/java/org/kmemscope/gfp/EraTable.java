package org.kmemscope.gfp;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.gfp.GfpTable;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.page.MigrateType;
import org.kmemscope.api.page.MigrateTypes;
import org.kmemscope.api.page.ZoneType;

/**
 * The table of one kernel. Every question an allocator asks for each request ({@link #of}, {@link #zone}, {@link #migrateType},
 * {@link #maySleep}) is an array read or a test of bits; the rules behind them are asked once, here. Immutable.
 */
final class EraTable implements GfpTable {

    private final Numbers numbers;
    private final Vocabulary vocabulary;
    private final NameHelp help;
    private final MaskReader reader;
    private final List<Gfp> names;
    private final MigrateTypes migrateTypes;
    private final ZoneType[] zones;
    private final int lowZoneBits;
    private final int movable;
    private final int reclaimable;
    private final int movableType;
    private final int reclaimableType;
    private final int sleeps;

    EraTable(FlagHistory history, List<String> words, List<String> types, KernelVersion version, KernelConfig config) {
        numbers = new Numbers(history, version, config);
        vocabulary = Vocabulary.of(words, version, numbers);
        help = new NameHelp(history, numbers, version);
        reader = new MaskReader(numbers, help);
        names = numbers.names();
        migrateTypes = Mobility.of(types, version, config);
        zones = ZoneRules.zones(version, config);
        // these three have had the numbers of ZoneRules in every kernel; a test holds that
        lowZoneBits = numbers.of(Gfp.__GFP_DMA) | numbers.of(Gfp.__GFP_HIGHMEM) | numbers.of(Gfp.__GFP_DMA32);
        movable = numbers.of(Gfp.__GFP_MOVABLE);
        reclaimable = numbers.of(Gfp.__GFP_RECLAIMABLE);
        movableType = migrateTypes.indexOf(MigrateType.MOVABLE);
        reclaimableType = migrateTypes.indexOf(MigrateType.RECLAIMABLE);
        sleeps = numbers.of(numbers.has(Gfp.__GFP_WAIT) ? Gfp.__GFP_WAIT : Gfp.__GFP_DIRECT_RECLAIM);
    }

    @Override
    public String era() {
        return numbers.era();
    }

    @Override
    public boolean has(Gfp flag) {
        return numbers.has(flag);
    }

    @Override
    public int of(Gfp flag) {
        if (!numbers.has(flag)) {
            throw help.notHere(flag);
        }
        return numbers.of(flag);
    }

    @Override
    public int orZero(Gfp flag) {
        return numbers.of(flag);
    }

    @Override
    public int parse(String text) {
        return reader.read(text);
    }

    @Override
    public String format(int gfp) {
        return vocabulary.format(gfp);
    }

    @Override
    public List<Part> parts(int gfp) {
        List<Part> parts = new ArrayList<>();
        int left = gfp;
        for (int i = 0; i < Integer.SIZE; i++) {
            int bit = gfp & 1 << i;
            for (Gfp flag : names) {
                if (bit != 0 && !flag.isComposite() && numbers.of(flag) == bit) {
                    parts.add(new Part(flag.name(), bit));
                    left &= ~bit;
                }
            }
        }
        if (left != 0) {
            parts.add(new Part(Part.UNKNOWN, left));
        }
        return List.copyOf(parts);
    }

    @Override
    public List<Gfp> names() {
        return names;
    }

    @Override
    public ZoneType zone(int gfp) {
        return zones[zoneBits(gfp)];
    }

    @Override
    public boolean isBadZone(int gfp) {
        return ZoneRules.isBad(zoneBits(gfp));
    }

    private int zoneBits(int gfp) {
        return gfp & lowZoneBits | ((gfp & movable) != 0 ? ZoneRules.MOVABLE : 0);
    }

    /**
     * Both bits at once, which Linux warns about, give 3: the numbers of the two types are or-ed, by shifts in 2.6 as by the choice
     * of bits since 4.4.
     */
    @Override
    public int migrateType(int gfp) {
        return ((gfp & movable) != 0 ? movableType : 0) | ((gfp & reclaimable) != 0 ? reclaimableType : 0);
    }

    @Override
    public MigrateTypes migrateTypes() {
        return migrateTypes;
    }

    @Override
    public boolean maySleep(int gfp) {
        return (gfp & sleeps) != 0;
    }

    @Override
    public int bitsMask() {
        return numbers.bitsMask();
    }

    @Override
    public String toString() {
        return "GFP flags of " + era();
    }
}
