/**
 * Processes: user address spaces with page tables of their own, and what a process can ask of the kernel for them.
 */
@Version("0.1.0")
@Export
package org.kmemscope.api.process;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
