package org.kmemscope.api.view;

import java.util.List;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.KernelVersion;
import org.osgi.annotation.versioning.ProviderType;

/** What can be asked of a target: a live machine now, a capture or a memory image later. Every list is a snapshot. */
@ProviderType
public interface Views {
    /** Version of the target's kernel; decides the layout of what is printed. */
    KernelVersion version();

    /** The address space. */
    AddressLayout layout();

    /** How the boot log prints the address space ({@code virtual kernel memory layout:}); empty where it is not known. */
    default List<String> layoutBlock() {
        return List.of();
    }

    /** Zones by index, empty ones included. */
    List<ZoneView> zones();

    /** Counters of the node that {@code /proc/zoneinfo} of later kernels prints with the first zone; empty for others. */
    List<CounterView> nodeStatistics();

    /** Names of the migrate types, by their numbers. */
    List<String> migrateTypes();

    /** Caches of the object allocator, in slabinfo's order. */
    List<SlabCacheView> slabCaches();

    /** Objects of a cache, live and free, by address; empty where single objects are not known. */
    default List<SlabObjectView> slabObjects(String cache) {
        return List.of();
    }

    /** Areas of the vmalloc space. */
    List<VmapAreaView> vmapAreas();

    /** Windows onto high memory. */
    List<KmapView> kmaps();

    /** DMA memory. */
    List<DmaMappingView> dmaMappings();

    /** The physical memory map. */
    List<ResourceView> iomem();

    /** {@code /proc/meminfo}, in kB. */
    List<CounterView> meminfo();

    /** {@code /proc/vmstat}. */
    List<CounterView> vmstat();

    /** The kernel's log. */
    List<KernelLog.Line> dmesg();
}
