/** Requests for pages that a module made in the kernel, made again in the model. */
package org.kmemscope.fidelity.page;
