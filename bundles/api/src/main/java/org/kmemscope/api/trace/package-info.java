/**
 * Tracepoints with Linux's names and fields. Nothing else hooks into the model.
 */
@Version("0.1.0")
@Export
package org.kmemscope.api.trace;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
