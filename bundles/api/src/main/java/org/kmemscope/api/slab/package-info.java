/**
 * Object allocators: {@code kmalloc}, {@code kmem_cache_alloc}; one of several is bound to a machine at a time.
 */
@Version("0.1.0")
@Export
package org.kmemscope.api.slab;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
