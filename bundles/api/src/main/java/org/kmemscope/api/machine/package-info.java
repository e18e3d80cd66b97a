/**
 * A machine as a whole: its profile, its services, booting, forking, modules.
 */
@Version("0.1.0")
@Export
package org.kmemscope.api.machine;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
