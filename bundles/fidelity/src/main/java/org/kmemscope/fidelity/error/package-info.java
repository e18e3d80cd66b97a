/** Mistakes that a module made in the kernel, made again in the model, and the words of both. */
package org.kmemscope.fidelity.error;
