package org.kmemscope.itests;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.itests.Kmemscope.Outcome;

/**
 * The transcripts of a document: blocks of {@code console} that are run again. In a block,
 *
 * <pre>
 *   $ COMMAND                  is a command of the shell
 *   $ ./kmemscope [OPTION...]  without -c, run or demo begins a session
 *   MACHINE> COMMAND           is typed in the session that began last, in this block or before
 *   > MORE                     goes on with a statement
 * </pre>
 *
 * and everything else is what came out, standard error included. A session is one process, however many blocks it goes through.
 */
final class Transcripts {
    private static final Pattern BLOCK = Pattern.compile("(?s)```console\n(.*?)```\n");
    private static final Pattern SESSION = Pattern.compile("\\$ \\./kmemscope((?: -m \\S+| --json)*)");
    private static final Pattern PROMPT = Pattern.compile("[\\w.+-]+> .*");
    private static final String SHELL = "$ ";
    private static final String CONTINUED = "> ";

    private final String text;
    private final List<List<Step>> blocks = new ArrayList<>();

    Transcripts(String text) {
        this.text = text;
        Session session = null;
        Matcher block = BLOCK.matcher(text);
        while (block.find()) {
            List<Step> steps = new ArrayList<>();
            boolean typing = false;
            for (String line : block.group(1).lines().toList()) {
                Matcher start = SESSION.matcher(line);
                typing = PROMPT.matcher(line).matches() || typing && line.startsWith(CONTINUED);
                if (start.matches()) {
                    session = new Session(start.group(1));
                    steps.add(session.add(line));
                } else if (line.startsWith(SHELL)) {
                    steps.add(new Step(line));
                } else if (typing) {
                    if (session == null) {
                        throw new AssertionError("no session has begun before: " + line);
                    }
                    steps.add(session.add(line));
                }
            }
            blocks.add(steps);
        }
    }

    boolean isEmpty() {
        return blocks.isEmpty();
    }

    /** The document with what comes out now. */
    String replayed() {
        StringBuilder out = new StringBuilder();
        Matcher block = BLOCK.matcher(text);
        for (List<Step> steps : blocks) {
            block.find();
            StringBuilder replay = new StringBuilder();
            steps.forEach(step -> replay.append(step.replay()));
            block.appendReplacement(out, Matcher.quoteReplacement("```console\n" + replay + "```\n"));
        }
        return block.appendTail(out).toString();
    }

    /** A command of the shell, or one in a session. */
    private static class Step {
        private final String line;

        Step(String line) {
            this.line = line;
        }

        /** The command and what it prints. */
        String replay() {
            Outcome outcome = Kmemscope.shell("exec 2>&1; " + line.substring(SHELL.length()));
            return line + "\n" + outcome.out();
        }

        /** What is typed. */
        String typed() {
            return line.substring(line.indexOf(CONTINUED) + CONTINUED.length());
        }
    }

    /** One process: its first step starts it, the others are typed. */
    private static final class Session {
        private final String options;
        private final List<Step> steps = new ArrayList<>();
        private List<String> parts = List.of();

        Session(String options) {
            this.options = options;
        }

        Step add(String line) {
            int index = steps.size();
            Step step = new Step(line) {
                @Override
                String replay() {
                    return part(index);
                }
            };
            steps.add(step);
            return step;
        }

        private String part(int index) {
            if (parts.isEmpty()) {
                parts = run();
            }
            return parts.get(index);
        }

        /** Runs all of it, and divides what comes out by the lines that were typed. */
        private List<String> run() {
            List<String> typed = steps.stream().skip(1).map(Step::typed).toList();
            Outcome outcome =
                    Kmemscope.shellWithInput("exec 2>&1; ./kmemscope -i" + options, String.join("\n", typed) + "\n");
            List<String> divided = new ArrayList<>();
            StringBuilder part = new StringBuilder(steps.get(0).line + "\n");
            for (String line : outcome.out().lines().toList()) {
                int next = divided.size();
                if (next < typed.size() && isTyped(line, typed.get(next))) {
                    divided.add(part.toString());
                    part.setLength(0);
                }
                part.append(line).append('\n');
            }
            divided.add(part.toString());
            if (divided.size() != steps.size()) {
                throw new AssertionError("the session ended before: " + typed.get(divided.size() - 1) + "\n" + outcome);
            }
            return divided;
        }

        /** Whether a line of output is the prompt with what was typed. */
        private static boolean isTyped(String line, String typed) {
            return line.endsWith(CONTINUED + typed)
                    && (line.equals(CONTINUED + typed) || PROMPT.matcher(line).matches())
                    && line.indexOf(CONTINUED) == line.length() - typed.length() - CONTINUED.length();
        }
    }
}
