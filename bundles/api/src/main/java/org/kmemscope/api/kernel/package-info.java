/**
 * What a driver calls. A driver bundle imports this package, {@code org.kmemscope.api.gfp} and, for DMA, {@code org.kmemscope.api.dma},
 * and nothing else.
 */
@Version("0.1.0")
@Export
package org.kmemscope.api.kernel;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
