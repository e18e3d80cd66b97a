package org.kmemscope.api.dcache;

import java.util.List;
import org.kmemscope.api.ground.Part;
import org.kmemscope.api.mmu.Mmu;
import org.kmemscope.api.view.CacheLineView;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The data cache of a machine whose devices do not see it. CPUs go through it by {@link #mmu}; devices go past it by
 * {@link #deviceRead} and {@link #deviceWrite}; the kernel keeps both together with {@link #clean}, {@link #invalidate} and
 * {@link #flush}, all of which the DMA API calls.
 *
 * <p>{@code Ground.ram()} holds what the CPUs see. What memory itself holds is kept beside it for the lines in which it differs.
 * Addresses are physical, lengths in bytes; ranges lie in RAM. The machine's lock is held.
 */
@ProviderType
public interface DataCache extends Part {
    /** Its shape. */
    Geometry geometry();

    /** The MMU as the CPUs use it: accesses through cached mappings go to lines, others past them. */
    Mmu mmu();

    /** A device reads memory: what lies in dirty lines only is not there. */
    void deviceRead(long phys, byte[] into, int offset, int length);

    /** A device writes memory: lines that hold these bytes are stale from here on. */
    void deviceWrite(long phys, byte[] from, int offset, int length);

    /**
     * The CPU may fetch lines although no program reads them (speculation); where the CPU is such a one, it does. To be told of memory
     * that a device is about to write.
     */
    void speculate(long phys, long length);

    /** Writes dirty lines to memory and keeps them ({@code dmac_clean_range}). */
    void clean(long phys, long length);

    /**
     * Forgets lines, dirty ones too ({@code dmac_inv_range}). A line that lies only partly in the range is written to memory first, as
     * its other bytes are not the caller's.
     */
    void invalidate(long phys, long length);

    /** Writes dirty lines to memory and forgets them ({@code dmac_flush_range}). */
    void flush(long phys, long length);

    /** Adds somebody who hears where CPU and devices do not see the same. For the parts of a machine, while it is built. */
    void observe(CacheObserver observer);

    /** Lines in use, by address. */
    List<CacheLineView> lines();

    /** What happened since boot. */
    Counters counters();

    /**
     * The shape of a cache.
     *
     * @param sets number of sets, a power of two
     * @param ways lines in a set
     * @param lineSize bytes in a line, a power of two
     * @param speculative whether the CPU fetches lines on its own
     */
    record Geometry(int sets, int ways, int lineSize, boolean speculative) {
        /** Bytes it holds. */
        public int size() {
            return sets * ways * lineSize;
        }
    }

    /**
     * Counters.
     *
     * @param hits CPU accesses to lines that were there, one for each line touched
     * @param misses lines fetched for an access
     * @param writebacks dirty lines written to memory, evicted or cleaned
     * @param staleReads CPU reads of bytes that a device had changed in memory
     * @param staleDeviceReads device reads of bytes that only the cache had
     */
    record Counters(long hits, long misses, long writebacks, long staleReads, long staleDeviceReads) {}
}
