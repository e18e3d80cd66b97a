/**
 * The page allocator: zones, zonelists, watermarks, per-CPU lists, {@code alloc_pages} and {@code free_pages}.
 */
@Version("0.1.0")
@Export
package org.kmemscope.api.page;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
