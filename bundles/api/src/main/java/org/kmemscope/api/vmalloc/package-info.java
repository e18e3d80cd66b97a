/**
 * The vmalloc area: memory that is contiguous only in virtual space, and mappings of device registers.
 */
@Version("0.1.0")
@Export
package org.kmemscope.api.vmalloc;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
