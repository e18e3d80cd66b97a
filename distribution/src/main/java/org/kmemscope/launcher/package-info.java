/**
 * The launcher: reads the command line, starts the framework with the bundles of the distribution, and hands over to the console.
 */
package org.kmemscope.launcher;
