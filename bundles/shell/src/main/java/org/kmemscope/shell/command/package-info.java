/**
 * The commands: one small class each, with its options and help in picocli's annotations, and what they share.
 */
package org.kmemscope.shell.command;
