/**
 * The layouts of {@code /proc}, the boot log and ftrace: views to text, byte for byte as the kernel of the target's version prints
 * them, so that programs that read the one can read the other.
 */
package org.kmemscope.shell.print;
