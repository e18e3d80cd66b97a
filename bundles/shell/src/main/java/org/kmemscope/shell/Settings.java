package org.kmemscope.shell;

import java.nio.file.Path;
import java.util.Optional;
import org.osgi.framework.BundleContext;

/**
 * How the console is to behave, from framework properties that begin with {@code kmemscope.}.
 *
 * @param machine {@code kmemscope.machine}: what is booted if a command needs a machine and there is none
 * @param bootAtOnce {@code kmemscope.boot}: whether it is booted before anything else
 * @param json {@code kmemscope.json}: whether views are printed as JSON
 * @param debug {@code kmemscope.debug}: whether failures come with their stack traces
 * @param echo {@code kmemscope.echo}: whether a script is shown while it runs
 * @param terminal {@code kmemscope.terminal}: whether a person sits before it
 * @param interactive {@code kmemscope.interactive}: whether to behave as if a person did
 * @param stay {@code kmemscope.stay}: whether the prompt comes after a script
 * @param history {@code kmemscope.history}: the file that keeps what was typed
 */
record Settings(
        String machine,
        boolean bootAtOnce,
        boolean json,
        boolean debug,
        boolean echo,
        boolean terminal,
        boolean interactive,
        boolean stay,
        Optional<Path> history) {
    private static final String DEFAULT_MACHINE = "i386-1g";

    static Settings of(BundleContext context) {
        String machine = context.getProperty("kmemscope.machine");
        return new Settings(
                machine == null ? DEFAULT_MACHINE : machine,
                is(context, "kmemscope.boot"),
                is(context, "kmemscope.json"),
                is(context, "kmemscope.debug"),
                is(context, "kmemscope.echo"),
                is(context, "kmemscope.terminal"),
                is(context, "kmemscope.interactive"),
                is(context, "kmemscope.stay"),
                Optional.ofNullable(context.getProperty("kmemscope.history")).map(Path::of));
    }

    private static boolean is(BundleContext context, String property) {
        return Boolean.parseBoolean(context.getProperty(property));
    }
}
