/**
 * What the kernel does when it cannot go on: BUG, oops, bus error, hang. Each carries the text a kernel developer would
 * recognise. What Linux answers with NULL or an errno is never an exception.
 */
@Version("0.1.0")
@Export
package org.kmemscope.api.error;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
