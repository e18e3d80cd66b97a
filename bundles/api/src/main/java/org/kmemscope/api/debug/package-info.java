/**
 * Tools that look at a machine through its tracepoints and views, and change nothing.
 */
@Version("0.1.0")
@Export
package org.kmemscope.api.debug;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
