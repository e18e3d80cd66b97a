package org.kmemscope.shell.command;

import org.kmemscope.api.debug.WorkMeasure;
import org.kmemscope.api.machine.Machine.VerifyResult;

/**
 * A script on one machine.
 *
 * @param name what tells the machine from the others
 * @param work what the script cost
 * @param failure what ended the script early; empty if nothing did
 * @param verify what verify found afterwards
 */
record ComparedRun(String name, WorkMeasure work, String failure, VerifyResult verify) {}
