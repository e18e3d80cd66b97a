package org.kmemscope.shell.command;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The commands there are, in groups by what they are for. A new command is a class, and a line here. */
public final class Catalog {
    /** Small tools of Gogo's own shell that go with the commands. */
    public static final List<String> SMALL_TOOLS = List.of(
            "echo",
            "cat",
            "grep",
            "head",
            "tail",
            "sort",
            "wc",
            "each",
            "if",
            "not",
            "while",
            "until",
            "try",
            "throw",
            "break",
            "continue");

    /** Commands of Felix that show bundles; those that change them are {@code felix:stop} and so on. */
    public static final List<String> BUNDLE_TOOLS =
            List.of("lb", "headers", "inspect", "refresh", "resolve", "install");

    private static final List<Group> GROUPS = List.of(
            new Group(
                    "Machines",
                    List.of(
                            entry("machines", MachinesCommand::new),
                            entry("boot", Boot::new),
                            entry("open", OpenCommand::new),
                            entry("machine", MachineCommand::new),
                            entry("context", ContextCommand::new),
                            entry("tick", Tick::new),
                            entry("verify", Verify::new))),
            new Group(
                    "Allocators and bundles",
                    List.of(
                            entry("allocators", Allocators::new),
                            entry("swap", Swap::new),
                            entry("compare", Compare::new),
                            loud("start", StartBundle::new),
                            loud("stop", StopBundle::new),
                            loud("update", UpdateBundle::new),
                            loud("uninstall", UninstallBundle::new))),
            new Group(
                    "What /proc shows",
                    List.of(
                            entry("layout", Layout::new),
                            entry("iomem", Iomem::new),
                            entry("meminfo", Meminfo::new),
                            entry("buddyinfo", Buddyinfo::new),
                            entry("zoneinfo", Zoneinfo::new),
                            entry("pagetypeinfo", Pagetypeinfo::new),
                            entry("extfrag", Extfrag::new),
                            entry("slabinfo", Slabinfo::new),
                            entry("slabtop", Slabtop::new),
                            entry("vmallocinfo", Vmallocinfo::new),
                            entry("vmstat", Vmstat::new),
                            entry("kmaps", Kmaps::new),
                            entry("dma_mappings", DmaMappings::new),
                            entry("dma_pools", DmaPools::new),
                            entry("dma_channels", DmaChannels::new),
                            entry("swiotlb", Swiotlb::new),
                            entry("dmesg", Dmesg::new),
                            entry("sysctl", Sysctl::new))),
            new Group(
                    "Kernel calls",
                    List.of(
                            entry("alloc_pages", AllocPages::new),
                            entry("free_pages", FreePages::new),
                            entry("kmalloc", Kmalloc::new),
                            entry("krealloc", Krealloc::new),
                            entry("kfree", Kfree::new),
                            entry("ksize", Ksize::new),
                            entry("kmem_cache_create", CacheCreate::new),
                            entry("kmem_cache_alloc", CacheAlloc::new),
                            entry("kmem_cache_alloc_bulk", CacheAllocBulk::new),
                            entry("kmem_cache_free", CacheFree::new),
                            entry("kmem_cache_shrink", CacheShrink::new),
                            entry("kmem_cache_destroy", CacheDestroy::new),
                            entry("vmalloc", Vmalloc::new),
                            entry("__vmalloc", VmallocMask::new),
                            entry("vmalloc_32", Vmalloc32::new),
                            entry("vzalloc", Vzalloc::new),
                            entry("vfree", Vfree::new),
                            entry("vmap", Vmap::new),
                            entry("vunmap", Vunmap::new),
                            entry("vm_map_ram", VmMapRam::new),
                            entry("vm_unmap_ram", VmUnmapRam::new),
                            entry("vm_unmap_aliases", VmUnmapAliases::new),
                            entry("ioremap", Ioremap::new),
                            entry("iounmap", Iounmap::new),
                            entry("kvmalloc", Kvmalloc::new),
                            entry("kvfree", Kvfree::new),
                            entry("mempool_create", MempoolCreate::new),
                            entry("mempool_alloc", MempoolAlloc::new),
                            entry("mempool_free", MempoolFree::new),
                            entry("mempool_destroy", MempoolDestroy::new),
                            entry("kmap", Kmap::new),
                            entry("kunmap", Kunmap::new),
                            entry("kmap_atomic", KmapAtomic::new),
                            entry("kunmap_atomic", KunmapAtomic::new),
                            entry("kmap_local_page", KmapLocal::new),
                            entry("kunmap_local", KunmapLocal::new),
                            entry("page_address", PageAddress::new),
                            entry("dma_alloc_coherent", DmaAlloc::new),
                            entry("dma_free_coherent", DmaFree::new),
                            entry("dma_handle", DmaHandle::new),
                            entry("dma_pool_create", DmaPoolCreate::new),
                            entry("dma_pool_alloc", DmaPoolAlloc::new),
                            entry("dma_pool_free", DmaPoolFree::new),
                            entry("dma_pool_destroy", DmaPoolDestroy::new),
                            entry("dma_map_single", DmaMap::new),
                            entry("dma_unmap_single", DmaUnmap::new),
                            entry("dma_map_page", DmaMapPage::new),
                            entry("dma_unmap_page", DmaUnmapPage::new),
                            entry("dma_map_sg", DmaMapSg::new),
                            entry("dma_unmap_sg", DmaUnmapSg::new),
                            entry("dma_sync_single_for_cpu", DmaSyncCpu::new),
                            entry("dma_sync_single_for_device", DmaSyncDevice::new),
                            entry("dma_set_mask", DmaSetMask::new),
                            entry("dma_request_chan", DmaRequestChan::new),
                            entry("dma_release_channel", DmaReleaseChannel::new),
                            entry("dmaengine_memcpy", DmaengineMemcpy::new),
                            entry("dmaengine_tx_status", DmaengineTxStatus::new),
                            entry("dmaengine_pause", DmaenginePause::new),
                            entry("dmaengine_resume", DmaengineResume::new),
                            entry("dmaengine_terminate_sync", DmaengineTerminate::new))),
            new Group(
                    "Devices and the CPU's cache",
                    List.of(
                            entry("devices", DevicesCommand::new),
                            entry("device_read", DeviceRead::new),
                            entry("device_write", DeviceWrite::new),
                            entry("wire", Wire::new),
                            entry("dcache", Dcache::new))),
            new Group(
                    "Processes, files and reclaim",
                    List.of(
                            entry("ps", Ps::new),
                            entry("spawn", Spawn::new),
                            entry("fork", Fork::new),
                            entry("mmap", Mmap::new),
                            entry("munmap", Munmap::new),
                            entry("brk", Brk::new),
                            entry("malloc", UserMalloc::new),
                            entry("free", UserFree::new),
                            entry("maps", Maps::new),
                            entry("smaps", Smaps::new),
                            entry("touch", Touch::new),
                            entry("madvise", Madvise::new),
                            entry("mlockall", Mlockall::new),
                            entry("munlockall", Munlockall::new),
                            entry("choom", Choom::new),
                            entry("kill", Kill::new),
                            entry("pagecache", PagecacheCommand::new),
                            entry("swapon", Swapon::new),
                            entry("swapoff", Swapoff::new),
                            entry("kswapd", KswapdCommand::new))),
            new Group(
                    "Addresses and memory",
                    List.of(
                            entry("whatis", Whatis::new),
                            entry("page", Page::new),
                            entry("vtop", Vtop::new),
                            entry("rd", ReadMemory::new),
                            entry("wr", WriteMemory::new),
                            entry("virt_to_phys", VirtToPhys::new),
                            entry("phys_to_virt", PhysToVirt::new),
                            entry("vmalloc_to_pfn", VmallocToPfn::new),
                            entry("gfp", GfpCommand::new),
                            entry("tlb", TlbCommand::new))),
            new Group(
                    "Modules",
                    List.of(loud("insmod", Insmod::new), loud("rmmod", Rmmod::new), entry("lsmod", Lsmod::new))),
            new Group(
                    "Why and how",
                    List.of(
                            entry("explain", ExplainCommand::new),
                            entry("oomlog", Oomlog::new),
                            entry("fidelity", FidelityCommand::new),
                            entry("trace", TraceCommand::new))),
            new Group("Console", List.of(entry("help", Help::new), entry("exit", Exit::new))));

    private Catalog() {}

    /**
     * Commands that belong together.
     *
     * @param title heading in {@code help}
     * @param entries the commands
     */
    public record Group(String title, List<Entry> entries) {}

    /** A command by its name. */
    public static final class Entry {
        private final String name;
        private final boolean verbose;
        private final Supplier<KmemCommand> maker;

        private Entry(String name, boolean verbose, Supplier<KmemCommand> maker) {
            this.name = name;
            this.verbose = verbose;
            this.maker = maker;
        }

        /** The name. */
        public String name() {
            return name;
        }

        /** Whether the kernel's ordinary messages are of interest while it runs. */
        boolean verbose() {
            return verbose;
        }

        KmemCommand create() {
            return maker.get();
        }
    }

    private static Entry entry(String name, Supplier<KmemCommand> maker) {
        return new Entry(name, false, maker);
    }

    private static Entry loud(String name, Supplier<KmemCommand> maker) {
        return new Entry(name, true, maker);
    }

    /** All groups. */
    public static List<Group> groups() {
        return GROUPS;
    }

    /** All commands. */
    public static List<Entry> entries() {
        return GROUPS.stream().flatMap(group -> group.entries().stream()).toList();
    }

    /** Names of all commands. */
    public static List<String> names() {
        return entries().stream().map(Entry::name).toList();
    }

    static Optional<Entry> find(String name) {
        return entries().stream().filter(entry -> entry.name().equals(name)).findFirst();
    }
}
