package org.kmemscope.machine;

import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.mmu.Protection;

/** What is mapped: the vmalloc space, and windows onto high memory. */
abstract class MappingCalls extends MempoolCalls {
    private static final String VMALLOC = "vmalloc";
    private static final String VMAP = "vmap";
    private static final String RAM = "vm_map_ram";
    private static final String IOREMAP = "ioremap";
    private static final String KMAP = "kmap";

    MappingCalls(SimulatedMachine machine, Caller caller, Ledger ledger) {
        super(machine, caller, ledger);
    }

    // ---- vmalloc

    @Override
    public long vmalloc(long size) {
        enter();
        try {
            machine.exchanges.requireObjects();
            return noted(machine.vmalloc().vmalloc(size), size);
        } catch (RuntimeException e) {
            throw machine.failure(e, "vmalloc");
        } finally {
            exit();
        }
    }

    @Override
    public long vzalloc(long size) {
        enter();
        try {
            long address = vmalloc(size);
            if (address != 0) {
                machine.mmu().fill(address, size, 0);
            }
            return address;
        } finally {
            exit();
        }
    }

    @Override
    public long vmalloc(long size, int gfp) {
        enter();
        try {
            machine.exchanges.requireObjects();
            return noted(machine.vmalloc().vmalloc(size, gfp, Protection.KERNEL), size);
        } catch (RuntimeException e) {
            throw machine.failure(e, "__vmalloc");
        } finally {
            exit();
        }
    }

    @Override
    public long vmalloc32(long size) {
        enter();
        try {
            machine.exchanges.requireObjects();
            return noted(machine.vmalloc().vmalloc32(size), size);
        } catch (RuntimeException e) {
            throw machine.failure(e, "vmalloc_32");
        } finally {
            exit();
        }
    }

    private long noted(long address, long size) {
        if (address != 0) {
            took(VMALLOC, address, size);
        }
        return address;
    }

    @Override
    public void vfree(long address) {
        enter();
        try {
            machine.exchanges.requireObjects();
            machine.vmalloc().vfree(address);
            ledger.give(VMALLOC, address);
        } catch (RuntimeException e) {
            throw machine.failure(e, "vfree");
        } finally {
            exit();
        }
    }

    @Override
    public long vmap(int[] pfns) {
        enter();
        try {
            machine.exchanges.requireObjects();
            long address = machine.vmalloc().vmap(pfns, Protection.KERNEL);
            if (address != 0) {
                took(VMAP, address, (long) pfns.length * Profile.PAGE_SIZE);
            }
            return address;
        } catch (RuntimeException e) {
            throw machine.failure(e, "vmap");
        } finally {
            exit();
        }
    }

    @Override
    public void vunmap(long address) {
        enter();
        try {
            machine.exchanges.requireObjects();
            machine.vmalloc().vunmap(address);
            ledger.give(VMAP, address);
        } catch (RuntimeException e) {
            throw machine.failure(e, "vunmap");
        } finally {
            exit();
        }
    }

    @Override
    public long vmMapRam(int[] pfns) {
        enter();
        try {
            machine.exchanges.requireObjects();
            long address = machine.vmalloc().vmMapRam(pfns);
            if (address != 0) {
                took(RAM, address, (long) pfns.length * Profile.PAGE_SIZE);
            }
            return address;
        } catch (RuntimeException e) {
            throw machine.failure(e, "vm_map_ram");
        } finally {
            exit();
        }
    }

    @Override
    public void vmUnmapRam(long address, int count) {
        enter();
        try {
            machine.exchanges.requireObjects();
            machine.vmalloc().vmUnmapRam(address, count);
            ledger.give(RAM, address);
        } catch (RuntimeException e) {
            throw machine.failure(e, "vm_unmap_ram");
        } finally {
            exit();
        }
    }

    @Override
    public void vmUnmapAliases() {
        enter();
        try {
            machine.exchanges.requireObjects();
            machine.vmalloc().purge();
        } catch (RuntimeException e) {
            throw machine.failure(e, "vm_unmap_aliases");
        } finally {
            exit();
        }
    }

    @Override
    public int vmallocToPfn(long address) {
        enter();
        try {
            return machine.vmalloc().vmallocToPfn(address);
        } catch (RuntimeException e) {
            throw machine.failure(e, "vmalloc_to_pfn");
        } finally {
            exit();
        }
    }

    @Override
    public long ioremap(long phys, long size) {
        enter();
        try {
            machine.exchanges.requireObjects();
            long address = machine.vmalloc().ioremap(phys, size);
            if (address != 0) {
                took(IOREMAP, address, size);
            }
            return address;
        } catch (RuntimeException e) {
            throw machine.failure(e, "ioremap");
        } finally {
            exit();
        }
    }

    @Override
    public void iounmap(long address) {
        enter();
        try {
            machine.exchanges.requireObjects();
            machine.vmalloc().iounmap(address);
            ledger.give(IOREMAP, address);
        } catch (RuntimeException e) {
            throw machine.failure(e, "iounmap");
        } finally {
            exit();
        }
    }

    // ---- high memory

    @Override
    public long kmap(int pfn) {
        enter();
        try {
            requireFrame(pfn, "kmap");
            long address = machine.highmem().kmap(pfn);
            if (!machine.layout().isLinear(address)) {
                took(KMAP, pfn, Profile.PAGE_SIZE);
            }
            return address;
        } catch (RuntimeException e) {
            throw machine.failure(e, "kmap");
        } finally {
            exit();
        }
    }

    @Override
    public void kunmap(int pfn) {
        enter();
        try {
            requireFrame(pfn, "kunmap");
            machine.highmem().kunmap(pfn);
            ledger.give(KMAP, pfn);
        } catch (RuntimeException e) {
            throw machine.failure(e, "kunmap");
        } finally {
            exit();
        }
    }

    @Override
    public long kmapAtomic(int pfn, String slot) {
        enter();
        try {
            requireFrame(pfn, "kmap_atomic");
            return machine.highmem().kmapAtomic(pfn, slot);
        } catch (RuntimeException e) {
            throw machine.failure(e, "kmap_atomic");
        } finally {
            exit();
        }
    }

    @Override
    public void kunmapAtomic(long address) {
        enter();
        try {
            machine.highmem().kunmapAtomic(address);
        } catch (RuntimeException e) {
            throw machine.failure(e, "kunmap_atomic");
        } finally {
            exit();
        }
    }

    @Override
    public long kmapLocal(int pfn) {
        enter();
        try {
            requireFrame(pfn, "kmap_local_page");
            return machine.highmem().kmapLocal(pfn);
        } catch (RuntimeException e) {
            throw machine.failure(e, "kmap_local_page");
        } finally {
            exit();
        }
    }

    @Override
    public void kunmapLocal(long address) {
        enter();
        try {
            machine.highmem().kunmapLocal(address);
        } catch (RuntimeException e) {
            throw machine.failure(e, "kunmap_local");
        } finally {
            exit();
        }
    }

    @Override
    public long pageAddress(int pfn) {
        enter();
        try {
            requireFrame(pfn, "page_address");
            return machine.highmem().pageAddress(pfn);
        } catch (RuntimeException e) {
            throw machine.failure(e, "page_address");
        } finally {
            exit();
        }
    }
}
