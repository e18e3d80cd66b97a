/**
 * Page tables that live in simulated RAM, the walk through them, and the TLB in front of the walk.
 */
@Version("0.1.0")
@Export
package org.kmemscope.api.mmu;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
