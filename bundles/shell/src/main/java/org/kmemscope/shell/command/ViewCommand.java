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

    /** What of it is printed as JSON. */
    Object json(T view) {
        return view;
    }

    /** Whether JSON is wanted. */
    final boolean wantsJson(Call call) {
        return json || call.desk().json();
    }

    @Override
    Object run(Call call) {
        T view = view(call);
        call.print(wantsJson(call) ? Json.text(json(view)) : text(call, view));
        return NOTHING;
    }
}
