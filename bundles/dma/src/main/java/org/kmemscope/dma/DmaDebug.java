package org.kmemscope.dma;

import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaBuffer;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.trace.CallSites;

/**
 * The words of the kernel's DMA debugging ({@code lib/dma-debug.c}, later {@code kernel/dma/debug.c}). A kernel checks only with
 * CONFIG_DMA_API_DEBUG, and tells the first error unless asked for all; the model always checks, and tells every one, in one line.
 */
final class DmaDebug {
    private final Ground ground;
    private final boolean prefixFirst;

    DmaDebug(Ground ground, boolean prefixFirst) {
        this.ground = ground;
        this.prefixFirst = prefixFirst;
    }

    private void report(DmaDevice device, String format, Object... arguments) {
        line(device, "device driver " + format, arguments);
    }

    private void line(DmaDevice device, String format, Object... arguments) {
        String name = Words.name(device);
        String start = prefixFirst ? "DMA-API: " + name + ": " : name + ": DMA-API: ";
        CallSites sites = ground.trace().callSites();
        ground.log()
                .printk(
                        KernelLog.WARNING,
                        start + String.format(format, arguments) + " [at "
                                + sites.text(ground.context().callSite()) + "]");
    }

    /** About a mapping that is known: the kernel prints where it was made below. */
    private void report(Mapping mapping, String format, Object... arguments) {
        report(
                mapping.device,
                "%s [mapped at %s]",
                String.format(format, arguments),
                ground.trace().callSites().text(mapping.callSite));
    }

    void freesInvalid(DmaDevice device) {
        report(device, "tries to free an invalid DMA memory address");
    }

    void freesUnknown(DmaDevice device, long handle, long size) {
        report(
                device,
                "tries to free DMA memory it has not allocated [device address=0x%016x] [size=%d bytes]",
                handle,
                size);
    }

    void differentSize(Mapping mapping, long size) {
        report(
                mapping,
                "frees DMA memory with different size [device address=0x%016x] [map size=%d bytes] [unmap size=%d bytes]",
                mapping.handle(),
                mapping.size,
                size);
    }

    void wrongFunction(Mapping mapping, long size, Mapping.Kind unmappedAs) {
        report(
                mapping,
                "frees DMA memory with wrong function [device address=0x%016x] [size=%d bytes] [mapped as %s] [unmapped as %s]",
                mapping.handle(),
                size,
                mapping.kind.label(),
                unmappedAs.label());
    }

    void differentAddress(Mapping mapping, long virt) {
        report(
                mapping,
                "frees DMA memory with different CPU address [device address=0x%016x] [size=%d bytes]"
                        + " [cpu alloc address=0x%016x] [cpu free address=0x%016x]",
                mapping.handle(),
                mapping.size,
                mapping.virt(),
                virt);
    }

    void differentDirection(Mapping mapping, long size, Direction direction) {
        report(
                mapping,
                "frees DMA memory with different direction [device address=0x%016x] [size=%d bytes]"
                        + " [mapped with %s] [unmapped with %s]",
                mapping.handle(),
                size,
                mapping.direction,
                direction);
    }

    /** The kernel has no space before the bracket either. */
    void uncheckedError(Mapping mapping, long size) {
        report(
                mapping,
                "failed to check map error[device address=0x%016x] [size=%d bytes] [mapped as %s]",
                mapping.handle(),
                size,
                mapping.kind.label());
    }

    void mapsVmallocArea(DmaDevice device, long virt, long size) {
        report(device, "maps memory from vmalloc area [addr=%08x] [len=%d]", virt, size);
    }

    void mapsInvalidArea(DmaDevice device, long virt, long size) {
        report(device, "maps memory from invalid area [addr=%08x] [len=%d]", virt, size);
    }

    void mapsKernelText(DmaDevice device, long virt, long size) {
        report(device, "maps memory from kernel text or rodata [addr=%08x] [len=%d]", virt, size);
    }

    void syncsUnknown(DmaDevice device, long handle, long size) {
        report(
                device,
                "tries to sync DMA memory it has not allocated [device address=0x%016x] [size=%d bytes]",
                handle,
                size);
    }

    void syncsOutside(Mapping mapping, long handle, long size) {
        report(
                mapping,
                "syncs DMA memory outside allocated range [device address=0x%016x] [allocation size=%d bytes]"
                        + " [sync offset+size=%d]",
                mapping.handle(),
                mapping.size,
                handle - mapping.handle() + size);
    }

    void syncsWithDifferentDirection(Mapping mapping, long handle, Direction direction) {
        report(
                mapping,
                "syncs DMA memory with different direction [device address=0x%016x] [size=%d bytes] [mapped with %s] [synced with %s]",
                handle,
                mapping.size,
                mapping.direction,
                direction);
    }

    void syncsReadOnlyForCpu(Mapping mapping, long handle, Direction direction) {
        report(
                mapping,
                "syncs device read-only DMA memory for cpu [device address=0x%016x] [size=%d bytes] [mapped with %s] [synced with %s]",
                handle,
                mapping.size,
                mapping.direction,
                direction);
    }

    void syncsWriteOnlyToDevice(Mapping mapping, long handle, Direction direction) {
        report(
                mapping,
                "syncs device write-only DMA memory to device [device address=0x%016x] [size=%d bytes] [mapped with %s]"
                        + " [synced with %s]",
                handle,
                mapping.size,
                mapping.direction,
                direction);
    }

    void segmentTooLong(DmaDevice device, long length, long most) {
        report(device, "mapping sg segment longer than device claims to support [len=%d] [max=%d]", length, most);
    }

    void segmentAcrossBoundary(DmaDevice device, long start, long end, long boundary) {
        report(
                device,
                "mapping sg segment across boundary [start=0x%016x] [end=0x%016x] [boundary=0x%016x]",
                start,
                end,
                boundary);
    }

    /** {@code active_cacheline_insert()}: two buffers that a device writes begin in one cache line. */
    void overlapping(Mapping mapping, Mapping other) {
        line(
                mapping.device,
                "cacheline tracking EEXIST, overlapping mappings aren't supported [other device address=0x%016x] [other mapped at %s]",
                other.handle(),
                ground.trace().callSites().text(other.callSite));
    }

    /** Whether a buffer is what was allocated; tells what differs. A real kernel would free the wrong pages; here the buffer is kept, and shows up as leaked. */
    boolean fits(Mapping mapping, DmaBuffer buffer) {
        if (mapping.kind != Mapping.Kind.COHERENT) {
            wrongFunction(mapping, buffer.size(), Mapping.Kind.COHERENT);
        } else if (mapping.size != buffer.size()) {
            differentSize(mapping, buffer.size());
        } else if (mapping.virt() != buffer.virt()) {
            differentAddress(mapping, buffer.virt());
        } else {
            return true;
        }
        return false;
    }
}
