package org.kmemscope.dma;

import org.kmemscope.api.dcache.DataCache;
import org.kmemscope.api.dma.Direction;

/**
 * What a kernel does to the data cache when a streaming buffer changes hands.
 *
 * <pre>
 *                       up to 2.6.33                       2.6.34 on
 *                       map, sync_for_device   unmap       map, sync_for_device   unmap, sync_for_cpu
 *   DMA_TO_DEVICE       clean                  -           clean                  -
 *   DMA_FROM_DEVICE     invalidate             -           invalidate             invalidate
 *   DMA_BIDIRECTIONAL   flush                  -           clean                  invalidate
 * </pre>
 *
 * <p>Source: {@code dma_cache_maint()} of 2.6.32; {@code __dma_single_cpu_to_dev()}, {@code __dma_single_dev_to_cpu()} since. The second
 * invalidation came for cores that fetch lines on their own.
 */
enum Maintenance {
    /** Devices see the caches: nothing to do. */
    NONE {
        @Override
        void toDevice(DataCache cache, long phys, long size, Direction direction) {
            // devices see the caches
        }

        @Override
        void toCpu(DataCache cache, long phys, long size, Direction direction) {
            // devices see the caches
        }
    },
    /** Up to 2.6.33. */
    BEFORE {
        @Override
        void toDevice(DataCache cache, long phys, long size, Direction direction) {
            switch (direction) {
                case DMA_TO_DEVICE -> cache.clean(phys, size);
                case DMA_FROM_DEVICE -> cache.invalidate(phys, size);
                default -> cache.flush(phys, size);
            }
        }

        @Override
        void toCpu(DataCache cache, long phys, long size, Direction direction) {
            // these kernels trust that nothing has fetched a line meanwhile
        }
    },
    /** 2.6.34 and later. */
    BEFORE_AND_AFTER {
        @Override
        void toDevice(DataCache cache, long phys, long size, Direction direction) {
            if (direction == Direction.DMA_FROM_DEVICE) {
                cache.invalidate(phys, size);
            } else {
                cache.clean(phys, size);
            }
        }

        @Override
        void toCpu(DataCache cache, long phys, long size, Direction direction) {
            if (direction != Direction.DMA_TO_DEVICE) {
                cache.invalidate(phys, size);
            }
        }
    };

    /** The buffer goes to the device. */
    abstract void toDevice(DataCache cache, long phys, long size, Direction direction);

    /** The buffer comes back. */
    abstract void toCpu(DataCache cache, long phys, long size, Direction direction);
}
