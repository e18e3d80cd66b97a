/**
 * The data cache between the CPUs and memory, on machines whose devices do not see it.
 */
@Version("0.1.0")
@Export
package org.kmemscope.api.dcache;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
