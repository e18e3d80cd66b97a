package org.kmemscope.shell.command;

import picocli.CommandLine.Parameters;

/** A command that does something with bundles. What machines make of it is in their logs. */
abstract class BundleCommand extends KmemCommand {
    @Parameters(
            paramLabel = "BUNDLE",
            arity = "1",
            description = "Number or symbolic name of a bundle, without org.kmemscope. if it begins so.",
            completionCandidates = Candidates.BundleNames.class)
    private String bundle;

    /** Does it with one bundle. */
    abstract void run(Bundles bundles, String name);

    @Override
    Object run(Call call) {
        run(call.desk().bundles(), bundle);
        return NOTHING;
    }
}
