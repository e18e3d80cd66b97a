/**
 * Captures: what a real kernel said in its {@code /proc} files, boot log and experiments, opened as a target that answers the same
 * questions as a live machine, and as the seed of a machine of the same kind.
 */
@Version("0.1.0")
@Export
package org.kmemscope.api.capture;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
