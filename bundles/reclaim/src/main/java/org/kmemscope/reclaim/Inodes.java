package org.kmemscope.reclaim;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.reclaim.Shrinker;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;

/**
 * The caches of inodes and names, in reclaimable slabs: each file that is used has an object in both, and loses them under pressure when
 * none of its pages is in memory ({@code prune_dcache}, {@code prune_icache}). That needs {@code __GFP_FS}. Without an object allocator
 * there are no such objects.
 */
final class Inodes implements Shrinker {
    private static final String INODES = "inode_cache";
    private static final String NAMES = "dentry";
    /** Sizes of 32-bit kernels of the middle of the range. */
    private static final int INODE_SIZE = 344;

    private static final int NAME_SIZE = 132;
    private static final int HUNDRED = 100;

    private final Basis basis;
    private final int mask;
    private Supplier<List<CachedFile>> files = List::of;

    Inodes(Basis basis) {
        this.basis = basis;
        mask = basis.floor.gfp().of(Gfp.GFP_KERNEL);
    }

    void setFiles(Supplier<List<CachedFile>> all) {
        files = all;
    }

    private static KmemCache cache(ObjectAllocator objects, String name, int size) {
        KmemCache cache = objects.cache(name);
        if (cache.id() != 0) {
            return cache;
        }
        return objects.createCache(
                new CacheSpec(name, size, 0, SlabFlag.SLAB_RECLAIM_ACCOUNT.bit(), ObjectConstructor.NONE));
    }

    void open(CachedFile file) {
        use(file);
    }

    /** Sees that a file has its objects; it can do without if there is no memory for them. */
    void use(CachedFile file) {
        Optional<ObjectAllocator> present = basis.host.objects();
        if (present.isEmpty()) {
            return;
        }
        ObjectAllocator objects = present.get();
        if (file.dentry == 0) {
            file.dentry = take(objects, NAMES, NAME_SIZE);
        }
        if (file.inode == 0) {
            file.inode = take(objects, INODES, INODE_SIZE);
        }
    }

    private long take(ObjectAllocator objects, String name, int size) {
        KmemCache cache = cache(objects, name, size);
        return cache.id() == 0 ? 0 : objects.allocObject(cache, mask);
    }

    void close(CachedFile file) {
        Optional<ObjectAllocator> present = basis.host.objects();
        if (present.isEmpty()) {
            return;
        }
        ObjectAllocator objects = present.get();
        if (file.dentry != 0) {
            objects.freeObject(objects.cache(NAMES), file.dentry);
            file.dentry = 0;
        }
        if (file.inode != 0) {
            objects.freeObject(objects.cache(INODES), file.inode);
            file.inode = 0;
        }
    }

    @Override
    public String name() {
        return "super_cache_scan";
    }

    private static boolean isUnused(CachedFile file) {
        return file.cached == 0 && (file.inode != 0 || file.dentry != 0);
    }

    @Override
    public long count(int gfp) {
        if ((gfp & basis.fs) == 0 || basis.host.objects().isEmpty()) {
            return 0;
        }
        long unused = files.get().stream().filter(Inodes::isUnused).count();
        return unused * basis.settings.get(Settings.CACHE_PRESSURE) / HUNDRED;
    }

    @Override
    public long scan(long objects, int gfp) {
        long gone = 0;
        for (CachedFile file : files.get()) {
            if (gone == objects) {
                break;
            }
            if (isUnused(file)) {
                close(file);
                gone++;
            }
        }
        if (gone > 0) {
            basis.host.objects().ifPresent(Inodes::giveEmptySlabsBack);
        }
        return gone;
    }

    /** An object allocator may keep empty slabs; what was freed here is wanted as pages. */
    private static void giveEmptySlabsBack(ObjectAllocator objects) {
        for (String name : List.of(NAMES, INODES)) {
            KmemCache cache = objects.cache(name);
            if (cache.id() != 0) {
                objects.shrinkCache(cache);
            }
        }
    }
}
