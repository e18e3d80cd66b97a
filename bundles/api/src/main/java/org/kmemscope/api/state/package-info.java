/**
 * Copying a machine: every part writes its state out and reads it back in the same order.
 */
@Version("0.1.0")
@Export
package org.kmemscope.api.state;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
