package org.kmemscope.shell.command;

import picocli.CommandLine.Option;

/**
 * A command that shows a view: as text for people and for programs that know Linux, or as JSON.
 *
 * @param <T> what is shown; records and lists of them
 */
abstract class ViewCommand<T> extends KmemCommand {
    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    /** Takes the view. */
    abstract T view(Call call);

    /** Prints it for people, lines complete. */
    abstract String text(Call call, T view);

    @Override
    Object run(Call call) {
        T view = view(call);
        call.print(json || call.desk().json() ? Json.text(view) : text(call, view));
        return NOTHING;
    }
}
