/**
 * Immutable records of what a machine, a capture or a memory image says. Faces print these and nothing else.
 */
@Version("0.1.0")
@Export
package org.kmemscope.api.view;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
