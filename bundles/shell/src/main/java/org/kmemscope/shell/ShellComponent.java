package org.kmemscope.shell;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.function.ToIntFunction;
import org.apache.felix.gogo.jline.Posix;
import org.apache.felix.gogo.jline.Procedural;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import org.apache.felix.service.command.Function;
import org.kmemscope.api.machine.Machines;
import org.kmemscope.api.machine.ModuleLoader;
import org.kmemscope.shell.command.Catalog;
import org.kmemscope.shell.command.CommandFunction;
import org.kmemscope.shell.command.Desk;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * Registers the commands with Gogo, and runs the console when the launcher asks. The launcher shares no class with bundles but the
 * JDK's, so it finds this as a function from words to an exit status:
 *
 * <pre>
 *   prompt                    a prompt, or without a terminal the lines of standard input
 *   commands TEXT             statements, separated by ; or line breaks
 *   script FILE [ARG...]      a file
 * </pre>
 */
@Component(service = ToIntFunction.class, immediate = true, property = "kmemscope.console=true")
public final class ShellComponent implements ToIntFunction<List<String>> {
    static final String SCOPE = "kmem";
    private static final List<String> POSIX = List.of("echo", "cat", "grep", "head", "tail", "sort", "wc");
    private static final List<String> PROCEDURAL =
            Catalog.SMALL_TOOLS.stream().filter(tool -> !POSIX.contains(tool)).toList();

    private final BundleContext context;
    private final CommandProcessor processor;
    private final Settings settings;
    private final Desk desk;
    private final List<ServiceRegistration<?>> registrations = new ArrayList<>();

    /** Started by the framework. */
    @Activate
    public ShellComponent(
            BundleContext context,
            @Reference CommandProcessor processor,
            @Reference Machines machines,
            @Reference ModuleLoader modules) {
        this.context = context;
        this.processor = processor;
        settings = Settings.of(context);
        FrameworkBundles bundles = new FrameworkBundles(context);
        desk = new Desk(
                machines,
                modules,
                new FrameworkServices(context, bundles, new SideSessions(processor, () -> settings)),
                settings.machine(),
                settings.json(),
                settings.terminal());
        Catalog.entries()
                .forEach(entry ->
                        register(Function.class, new CommandFunction(desk, entry), SCOPE, List.of(entry.name())));
        register(Procedural.class, new Procedural(), "gogo", PROCEDURAL);
        register(Posix.class, new Posix(processor), "gogo", POSIX);
        registrations.add(context.registerService(Converter.class, new HandleConverter(), null));
        registrations.add(context.registerService(Converter.class, bundles, null));
    }

    private <T> void register(Class<T> type, T service, String scope, List<String> names) {
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put(CommandProcessor.COMMAND_SCOPE, scope);
        properties.put(CommandProcessor.COMMAND_FUNCTION, names.toArray(String[]::new));
        registrations.add(context.registerService(type, service, properties));
    }

    /** Stopped by the framework. */
    @Deactivate
    void deactivate() {
        registrations.forEach(ServiceRegistration::unregister);
    }

    @Override
    public int applyAsInt(List<String> words) {
        // not System.out and its like: Gogo has put streams of its own there, which would lead back to the session
        PrintStream out = new PrintStream(new StandardOutput(), true);
        PrintStream err = new PrintStream(new PipeNoise(new FileOutputStream(FileDescriptor.err)), true);
        FileInputStream in = new FileInputStream(FileDescriptor.in);
        try (CommandSession session = processor.createSession(in, out, err)) {
            SideSessions.equip(session, SCOPE, settings.terminal());
            Runner runner = new Runner(session, settings, out, err);
            return new Sessions(
                            desk,
                            settings,
                            session,
                            runner,
                            in,
                            out,
                            context.getBundle().getVersion())
                    .run(words);
        }
    }
}
