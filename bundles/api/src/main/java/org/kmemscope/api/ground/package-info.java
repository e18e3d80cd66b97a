/**
 * Floor 0 as the rooms above see it: profile, address layout, RAM, frames, MMU, context, clock, log.
 */
@Version("0.1.0")
@Export
package org.kmemscope.api.ground;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
