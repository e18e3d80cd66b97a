package org.kmemscope.capture.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.kmemscope.api.capture.FailureLog;
import org.kmemscope.api.gfp.GfpProvider;
import org.kmemscope.capture.file.MalformedFile;
import org.kmemscope.capture.file.TextFile;

/** Reads kernel logs with a report of a failed allocation. Of several reports, the first that tells of zones counts. */
public final class FailureLogReader {
    private static final String OOM = "oom";
    private static final String FAILURE = "page allocation failure";

    private final GfpProvider gfp;

    /** A reader that decodes masks with these tables. */
    public FailureLogReader(GfpProvider gfp) {
        this.gfp = gfp;
    }

    /**
     * Reads a file, gzip'ed or not.
     *
     * @throws MalformedFile with one line, if there is no such report in it
     */
    public FailureLog read(Path path) {
        try {
            return read(TextFile.of(path.toString(), Files.readAllBytes(path)));
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException(path + ": no such file", e);
        } catch (IOException e) {
            throw new IllegalArgumentException(path + ": cannot be read (" + e.getMessage() + ")", e);
        }
    }

    /** Reads a log. */
    public FailureLog read(TextFile file) {
        LogText text = new LogText(file);
        Report report = ReportParser.parse(text);
        Mask mask = Mask.of(report, gfp);
        Diagnosis diagnosis = new Diagnosis(report, mask);
        List<String> reasons = new Reasons(diagnosis).list();
        return new FailureLog(
                report.header().oom() ? OOM : FAILURE,
                report.line(),
                report.header().task(),
                report.header().number(),
                mask.names(),
                report.header().order(),
                new ReportViews(report, mask, text.log()),
                diagnosis.failure(reasons.get(0)),
                reasons,
                new Remedies(diagnosis).list());
    }
}
