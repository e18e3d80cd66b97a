package org.kmemscope.shell.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code spawn}. */
@Command(
        name = "spawn",
        description =
                "Starts a process, of which there is nothing yet but a stack and a page table; answers its process id.",
        footerHeading = "%nExample:%n",
        footer = {"  hog = (spawn hog)", "  touch $hog 16M"})
final class Spawn extends KmemCommand {
    @Parameters(paramLabel = "NAME", description = "Its name, at most 15 characters.")
    private String name;

    @Option(names = "--uid", paramLabel = "UID", description = "Its user; root if nothing is said.")
    private int uid;

    @Override
    Object run(Call call) {
        int pid = call.kernelCall("spawn", () -> call.machine().userTasks().spawn(name, uid));
        return new Pid(pid);
    }
}
