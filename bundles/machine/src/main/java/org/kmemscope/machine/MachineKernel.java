package org.kmemscope.machine;

import java.util.List;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.kernel.InterruptHandler;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.mmu.Protection;

/**
 * The kernel's interface for one caller. Each call takes the machine's lock, notes who calls, does its work on the parts, and writes
 * what it took or gave into the caller's books.
 */
final class MachineKernel extends EngineCalls {
    private static final String VMALLOC = "vmalloc";
    private static final String VMAP = "vmap";
    private static final String IOREMAP = "ioremap";
    private static final String KMAP = "kmap";
    private static final String IRQ = "request_irq";

    private final ModuleParameters parameters;

    MachineKernel(SimulatedMachine machine, Caller caller, Ledger ledger, ModuleParameters parameters) {
        super(machine, caller, ledger);
        this.parameters = parameters;
    }

    // ---- vmalloc

    @Override
    public long vmalloc(long size) {
        enter();
        try {
            machine.exchanges.requireObjects();
            long address = machine.vmalloc().vmalloc(size);
            if (address != 0) {
                took(VMALLOC, address, size);
            }
            return address;
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

    // ---- interrupts and parameters

    @Override
    public int requestIrq(int irq, InterruptHandler handler, String name) {
        enter();
        try {
            int result = machine.interrupts.request(irq, handler, name, this);
            if (result == 0) {
                took(IRQ, irq, 0);
            }
            return result;
        } finally {
            exit();
        }
    }

    @Override
    public void freeIrq(int irq, String name) {
        enter();
        try {
            machine.interrupts.free(irq, name);
            ledger.give(IRQ, irq);
        } finally {
            exit();
        }
    }

    @Override
    public String parameter(String name, String otherwise) {
        return parameters.get(name, otherwise);
    }

    @Override
    public List<String> parameterNames() {
        return parameters.names();
    }
}
