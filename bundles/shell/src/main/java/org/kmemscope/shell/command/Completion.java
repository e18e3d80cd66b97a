package org.kmemscope.shell.command;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Completes the word under the cursor: a command, an option, or what picocli's annotations say can stand there. */
public final class Completion implements Completer {
    private static final String FLAG_JOINT = "+|";
    private static final String OPTION_JOINT = ",";
    private static final String VARIABLE = "$";

    private final Desk desk;
    private final Supplier<Collection<String>> variables;

    /**
     * A completer that looks at the machines of a desk.
     *
     * @param variables names of the variables that answers are kept in
     */
    public Completion(Desk desk, Supplier<Collection<String>> variables) {
        this.desk = desk;
        this.variables = variables;
    }

    @Override
    public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
        List<String> words = line.words();
        String word =
                line.word().substring(0, Math.min(line.wordCursor(), line.word().length()));
        words(words.subList(0, line.wordIndex()), word).forEach(text -> candidates.add(candidate(text)));
    }

    private static Candidate candidate(String text) {
        // flags may be followed by more flags, profiles by options, folders by files, so there is no blank behind them
        boolean complete = !text.contains("GFP_") && !text.endsWith("/") && !text.endsWith("=");
        return new Candidate(text, text, null, null, null, null, complete);
    }

    /** Words that can stand behind others and begin like the one under the cursor. */
    Stream<String> words(List<String> before, String word) {
        if (before.isEmpty()) {
            return Stream.of(Catalog.names(), Catalog.SMALL_TOOLS, Catalog.BUNDLE_TOOLS)
                    .flatMap(List::stream)
                    .filter(name -> name.startsWith(word));
        }
        Optional<Catalog.Entry> entry = Catalog.find(before.get(0));
        if (entry.isEmpty()) {
            return Stream.empty();
        }
        if (word.startsWith(VARIABLE)) {
            return variables.get().stream().sorted().map(VARIABLE::concat).filter(name -> name.startsWith(word));
        }
        KmemCommand command = entry.get().create();
        if (command.takesCommand() && before.size() > 1 && !before.get(1).startsWith("-")) {
            return words(before.subList(1, before.size()), word);
        }
        CommandSpec spec = new CommandLine(command, Candidates.factory(desk)).getCommandSpec();
        if (word.startsWith("-")) {
            return spec.options().stream()
                    .flatMap(option -> Stream.of(option.names()))
                    .filter(name -> name.startsWith(word));
        }
        Optional<ArgSpec> next = argument(spec, before.subList(1, before.size()));
        if (next.filter(argument -> argument.type() == Path.class).isPresent()) {
            return FileNames.startingWith(word);
        }
        return next.map(argument ->
                        argument.completionCandidates() instanceof Candidates.Profiles && word.contains(OPTION_JOINT)
                                ? behind(lastJoint(word, OPTION_JOINT), word, Candidates.BOOT_OPTIONS.stream())
                                : behind(
                                        lastJoint(word, isList(argument) ? OPTION_JOINT : FLAG_JOINT),
                                        word,
                                        candidates(argument)))
                .orElse(Stream.empty());
    }

    /** What can follow the part of a word before a joint, with that part. */
    private static Stream<String> behind(int joint, String word, Stream<String> texts) {
        return texts.filter(text -> text.startsWith(word.substring(joint)))
                .map(text -> word.substring(0, joint) + text);
    }

    /** Whether several values can stand in one word. */
    private static boolean isList(ArgSpec argument) {
        return argument.splitRegex().equals(OPTION_JOINT);
    }

    private static int lastJoint(String word, String joints) {
        int joint = 0;
        for (int i = 0; i < word.length(); i++) {
            if (joints.indexOf(word.charAt(i)) >= 0) {
                joint = i + 1;
            }
        }
        return joint;
    }

    private static Stream<String> candidates(ArgSpec argument) {
        Iterable<String> texts = argument.completionCandidates();
        return texts == null
                ? Stream.empty()
                : StreamSupport.stream(texts.spliterator(), false).map(text -> asLabelled(argument, text));
    }

    /** Constants of our own enums are written as the usage has them: {@code on|off}. */
    private static String asLabelled(ArgSpec argument, String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        return argument.typeInfo().isEnum() && argument.paramLabel().contains(lower) ? lower : text;
    }

    /** The option or parameter whose value comes next. */
    private static Optional<ArgSpec> argument(CommandSpec spec, List<String> words) {
        int position = 0;
        for (int i = 0; i < words.size(); i++) {
            OptionSpec option = spec.findOption(words.get(i));
            if (option == null) {
                position++;
            } else if (option.arity().max() > 0) {
                if (i == words.size() - 1) {
                    return Optional.of(option);
                }
                i++;
            }
        }
        int index = position;
        return spec.positionalParameters().stream()
                .filter(parameter -> contains(parameter, index))
                .<ArgSpec>map(parameter -> parameter)
                .findFirst();
    }

    private static boolean contains(PositionalParamSpec parameter, int index) {
        return parameter.index().min() <= index
                && (parameter.index().isVariable() || index <= parameter.index().max());
    }
}
