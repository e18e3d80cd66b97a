/**
 * Free areas: the engine below the zones that knows which blocks of frames are free (the buddy allocator, or another).
 */
@Version("0.1.0")
@Export
package org.kmemscope.api.zone;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
