package org.kmemscope.machine;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.ArchSpec;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Caller;

/** The calls that allocate nothing: memory access, address arithmetic, context, time, log. */
abstract class MemoryCalls implements Kernel {
    final SimulatedMachine machine;
    final Caller caller;
    /** Page of the last report of what was given up, so that a loop gets one; -1 before. No part of the machine's state. */
    private long told = -1;

    MemoryCalls(SimulatedMachine machine, Caller caller) {
        this.machine = machine;
        this.caller = caller;
    }

    final void enter() {
        machine.enter(caller);
    }

    final void exit() {
        machine.exit();
    }

    /** A pfn that has no {@code struct page} would be a wild pointer in C. */
    final void requireFrame(int pfn, String call) {
        if (!machine.frames().isValid(pfn)) {
            throw new KernelBug(String.format(
                    "BUG: %s() of pfn 0x%x, which has no struct page (mem_map holds 0x%x to 0x%x)",
                    call, pfn, machine.frames().firstPfn(), machine.frames().endPfn() - 1));
        }
    }

    final int linearPfn(long virt, String call) {
        AddressLayout layout = machine.layout();
        if (!layout.isLinear(virt)) {
            throw new KernelBug(String.format("BUG: %s() of 0x%08x, which is no linear address", call, virt));
        }
        return layout.virtToPfn(virt);
    }

    @Override
    public int gfp(Gfp... flags) {
        int mask = 0;
        for (Gfp flag : flags) {
            mask |= machine.gfp().of(flag);
        }
        return mask;
    }

    // ---- addresses

    @Override
    public long virtToPhys(long virt) {
        AddressLayout layout = machine.layout();
        if (!layout.isLinear(virt)) {
            warn(String.format(
                    "virt_to_phys(0x%08x): not in the linear map (0x%08x - 0x%08x), the result is no address of it",
                    virt, layout.pageOffset(), layout.highMemory()));
        }
        return layout.virtToPhys(virt) & 0xffff_ffffL;
    }

    /**
     * Arithmetic, too: a window onto high memory is valid on i386 when the frame that its address would have in the linear mapping exists
     * ({@code __virt_addr_valid()}, arch/x86/mm/physaddr.c); on ARM only addresses below {@code high_memory} are (asm/memory.h).
     */
    @Override
    public boolean virtAddrValid(long virt) {
        AddressLayout layout = machine.layout();
        boolean possible;
        if (machine.profile().arch().arch() == ArchSpec.Arch.I386) {
            possible = virt < layout.fixaddrStart() && !machine.vmalloc().isVmallocAddress(virt);
        } else {
            possible = virt < layout.highMemory();
        }
        return possible
                && virt >= layout.pageOffset()
                && machine.frames().isValid(layout.virtToPhys(virt) >>> Profile.PAGE_SHIFT);
    }

    @Override
    public long physToVirt(long phys) {
        AddressLayout layout = machine.layout();
        long virt = layout.physToVirt(phys);
        long pfn = phys >>> Profile.PAGE_SHIFT;
        if (pfn >= layout.maxLowPfn() && machine.frames().isValid(pfn)) {
            warn(String.format(
                    "phys_to_virt(0x%08x): pfn 0x%x is high memory, which has no linear address; 0x%08x does not lead to it (use kmap)",
                    phys, pfn, virt));
        } else if (!layout.isLinear(virt)) {
            warn(String.format("phys_to_virt(0x%08x): not low memory, 0x%08x does not lead to it", phys, virt));
        }
        return virt;
    }

    private void warn(String text) {
        enter();
        try {
            machine.log().printk(KernelLog.WARNING, "WARNING: " + text + ", at " + caller.site());
        } finally {
            exit();
        }
    }

    // ---- access

    /** A program has used memory. What works only by chance is told, once for each page. */
    private void touched(long virt, long length, boolean write) {
        machine.accessed(virt, length, write);
        if (machine.layout().isLinear(virt)) {
            return;
        }
        for (long page = virt & -Profile.PAGE_SIZE; page < virt + length; page += Profile.PAGE_SIZE) {
            long first = Math.max(virt, page);
            outlived(first).ifPresent(what -> {
                if (told != (first & -Profile.PAGE_SIZE)) {
                    told = first & -Profile.PAGE_SIZE;
                    warn(String.format("%s 0x%08x, %s", write ? "write to" : "read of", first, what));
                }
            });
        }
    }

    /** Why an address only works by chance; empty if it does not. */
    private Optional<String> outlived(long virt) {
        Optional<String> found = Optional.empty();
        if (machine.has(SimulatedMachine.PartKind.VMALLOC)) {
            found = machine.vmalloc().givenUp(virt);
        }
        if (found.isEmpty() && machine.has(SimulatedMachine.PartKind.HIGHMEM)) {
            found = machine.highmem().givenUp(virt);
        }
        Optional<String> stale = machine.mmu().stale(virt);
        if (found.isEmpty()) {
            return stale.map(text -> "which the page tables do not map so; the TLB entry is " + text);
        }
        String more = stale.map(text -> "; the TLB entry is " + text).orElse("");
        return found.map(text -> "which was given up: " + text + more);
    }

    @Override
    public int read8(long virt) {
        enter();
        try {
            int value = machine.mmu().read8(virt);
            touched(virt, 1, false);
            return value;
        } catch (RuntimeException e) {
            throw machine.failure(e, "a read");
        } finally {
            exit();
        }
    }

    @Override
    public int read32(long virt) {
        enter();
        try {
            int value = machine.mmu().read32(virt);
            touched(virt, 4, false);
            return value;
        } catch (RuntimeException e) {
            throw machine.failure(e, "a read");
        } finally {
            exit();
        }
    }

    @Override
    public long read64(long virt) {
        enter();
        try {
            long value = machine.mmu().read64(virt);
            touched(virt, 8, false);
            return value;
        } catch (RuntimeException e) {
            throw machine.failure(e, "a read");
        } finally {
            exit();
        }
    }

    @Override
    public void write8(long virt, int value) {
        enter();
        try {
            machine.mmu().write8(virt, value);
            touched(virt, 1, true);
        } catch (RuntimeException e) {
            throw machine.failure(e, "a write");
        } finally {
            exit();
        }
    }

    @Override
    public void write32(long virt, int value) {
        enter();
        try {
            machine.mmu().write32(virt, value);
            touched(virt, 4, true);
        } catch (RuntimeException e) {
            throw machine.failure(e, "a write");
        } finally {
            exit();
        }
    }

    @Override
    public void write64(long virt, long value) {
        enter();
        try {
            machine.mmu().write64(virt, value);
            touched(virt, 8, true);
        } catch (RuntimeException e) {
            throw machine.failure(e, "a write");
        } finally {
            exit();
        }
    }

    @Override
    public byte[] read(long virt, int length) {
        enter();
        try {
            byte[] bytes = new byte[length];
            machine.mmu().read(virt, bytes, 0, length);
            touched(virt, length, false);
            return bytes;
        } catch (RuntimeException e) {
            throw machine.failure(e, "a read");
        } finally {
            exit();
        }
    }

    @Override
    public void write(long virt, byte[] bytes) {
        enter();
        try {
            machine.mmu().write(virt, bytes, 0, bytes.length);
            touched(virt, bytes.length, true);
        } catch (RuntimeException e) {
            throw machine.failure(e, "a write");
        } finally {
            exit();
        }
    }

    @Override
    public void memset(long virt, int value, long length) {
        enter();
        try {
            machine.mmu().fill(virt, length, value);
            touched(virt, length, true);
        } catch (RuntimeException e) {
            throw machine.failure(e, "memset");
        } finally {
            exit();
        }
    }

    @Override
    public void memcpy(long to, long from, long length) {
        enter();
        try {
            byte[] bytes = new byte[Math.toIntExact(length)];
            machine.mmu().read(from, bytes, 0, bytes.length);
            touched(from, length, false);
            machine.mmu().write(to, bytes, 0, bytes.length);
            touched(to, length, true);
        } catch (RuntimeException e) {
            throw machine.failure(e, "memcpy");
        } finally {
            exit();
        }
    }

    @Override
    public String readString(long virt, int max) {
        enter();
        try {
            String text = machine.mmu().readString(virt, max);
            touched(virt, Math.min(text.length() + 1, max), false);
            return text;
        } catch (RuntimeException e) {
            throw machine.failure(e, "a read");
        } finally {
            exit();
        }
    }

    @Override
    public void writeString(long virt, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        write(virt, java.util.Arrays.copyOf(bytes, bytes.length + 1));
    }

    // ---- context, time, log

    @Override
    public void printk(String format, Object... arguments) {
        enter();
        try {
            String text = arguments.length == 0 ? format : String.format(format, arguments);
            machine.log().printk(KernelLog.INFO, text.endsWith("\n") ? text.substring(0, text.length() - 1) : text);
            if (machine.has(SimulatedMachine.PartKind.DMA)) {
                machine.dma().printing(arguments);
            }
        } finally {
            exit();
        }
    }

    @Override
    public boolean inInterrupt() {
        return machine.locked(() -> machine.context().inInterrupt());
    }

    @Override
    public void mightSleep() {
        enter();
        try {
            machine.context().mightSleep(caller.site());
        } catch (RuntimeException e) {
            throw machine.failure(e, "might_sleep");
        } finally {
            exit();
        }
    }

    @Override
    public long jiffies() {
        return machine.locked(() -> machine.clock().jiffies());
    }

    @Override
    public void sleep(long ticks) {
        enter();
        try {
            machine.context().mightSleep(caller.site());
            machine.tick(ticks);
        } catch (RuntimeException e) {
            throw machine.failure(e, "schedule_timeout");
        } finally {
            exit();
        }
    }

    @Override
    public int kthreadRun(String name, Runnable body) {
        enter();
        try {
            return machine.tasks.start(name, body);
        } finally {
            exit();
        }
    }

    @Override
    public void kthreadJoin(int pid) {
        enter();
        try {
            machine.context().mightSleep(caller.site());
            machine.tasks.join(pid);
        } catch (RuntimeException e) {
            throw machine.failure(e, "kthread_stop");
        } finally {
            exit();
        }
    }
}
