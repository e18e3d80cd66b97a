package org.kmemscope.api.mmu;

/**
 * One entry of a TLB.
 *
 * @param cpu whose
 * @param virt page-aligned virtual address
 * @param phys page-aligned physical address it gives
 * @param writable whether it lets writes through
 * @param large whether it came from a large page or section
 * @param stale whether the page tables say something else by now
 */
public record TlbEntry(int cpu, long virt, long phys, boolean writable, boolean large, boolean stale) {}
