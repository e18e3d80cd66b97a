package org.kmemscope.shell.command;

import org.kmemscope.api.machine.Machine.VerifyResult;
import picocli.CommandLine.Command;

/** {@code verify}. */
@Command(
        name = "verify",
        description =
                "Cross-checks frames, free lists, objects and mappings of the machine. Fails if anything contradicts.",
        footerHeading = "%nExample:%n",
        footer = "  verify")
final class Verify extends ViewCommand<VerifyResult> {
    private int problems;

    @Override
    Object run(Call call) {
        Object result = super.run(call);
        if (problems > 0) {
            throw new Failure(problems + (problems == 1 ? " contradiction" : " contradictions"));
        }
        return result;
    }

    @Override
    VerifyResult view(Call call) {
        VerifyResult result = call.machine().verify();
        problems = result.problems().size();
        return result;
    }

    @Override
    String text(Call call, VerifyResult view) {
        StringBuilder text = new StringBuilder();
        view.problems().forEach(problem -> text.append(problem).append('\n'));
        return text.append(view.checks())
                .append(view.ok() ? " checks, no contradiction\n" : " checks\n")
                .toString();
    }
}
