/**
 * The DMA API and the DMA controller of a machine.
 */
@Version("0.1.0")
@Export
package org.kmemscope.api.dma;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
