/** Vectors: exact start states of real kernels, thousands of operations with their answers, exact end states. */
package org.kmemscope.fidelity.vector;
