/**
 * Reclaim: the LRU lists and who owns the pages on them, the page cache, anonymous memory of simulated tasks, swap, kswapd, direct
 * reclaim, compaction, the OOM killer.
 */
@Version("0.1.0")
@Export
package org.kmemscope.api.reclaim;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
