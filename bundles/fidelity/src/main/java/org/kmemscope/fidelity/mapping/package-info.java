/** Comparisons of what the kernel maps: the vmalloc space, windows onto high memory, memory for DMA. */
package org.kmemscope.fidelity.mapping;
