/**
 * Physical memory: the bytes of RAM, device registers on the bus, and one {@code struct page} for each frame.
 */
@Version("0.1.0")
@Export
package org.kmemscope.api.phys;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
