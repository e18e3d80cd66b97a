/**
 * Windows onto high memory: {@code kmap}, {@code kmap_atomic}, {@code page_address}.
 */
@Version("0.1.0")
@Export
package org.kmemscope.api.highmem;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
