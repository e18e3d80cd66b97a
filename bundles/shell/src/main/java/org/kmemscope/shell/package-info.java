/**
 * The console: runs scripts, command lines and a prompt over Gogo. Commands are in {@code command}, the layouts of {@code /proc} in
 * {@code print}. There is no memory logic here: commands make kernel calls and print views.
 */
package org.kmemscope.shell;
