/**
 * GFP flags: the names, the numbers of each kernel era, and the zone and migrate type a mask selects.
 */
@Version("0.1.0")
@Export
package org.kmemscope.api.gfp;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
