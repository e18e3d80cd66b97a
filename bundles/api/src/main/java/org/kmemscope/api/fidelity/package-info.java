/**
 * Fidelity: how far the model answers as a captured kernel did, counted fact by fact.
 */
@Version("0.1.0")
@Export
package org.kmemscope.api.fidelity;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
