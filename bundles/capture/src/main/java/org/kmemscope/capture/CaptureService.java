package org.kmemscope.capture;

import java.nio.file.Path;
import java.util.List;
import org.kmemscope.api.capture.Capture;
import org.kmemscope.api.capture.Captures;
import org.kmemscope.api.capture.FailureLog;
import org.kmemscope.api.gfp.GfpProvider;
import org.kmemscope.api.machine.ProfileSource;
import org.kmemscope.capture.file.CaptureFiles;
import org.kmemscope.capture.file.CaptureSearch;
import org.kmemscope.capture.report.FailureLogReader;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Opens captures and kernel logs. */
@Component
public final class CaptureService implements Captures {
    private final GfpProvider gfp;
    private final ProfileSource profiles;

    /**
     * @param gfp decodes masks
     * @param profiles shipped profiles, from which a seed starts if one is of the captured kernel
     */
    @Activate
    public CaptureService(@Reference GfpProvider gfp, @Reference ProfileSource profiles) {
        this.gfp = gfp;
        this.profiles = profiles;
    }

    @Override
    public Capture open(Path path) {
        return new OpenCapture(CaptureFiles.open(path), gfp, profiles);
    }

    @Override
    public List<Path> find(Path path) {
        return CaptureSearch.find(path);
    }

    @Override
    public FailureLog openLog(Path path) {
        return new FailureLogReader(gfp).read(path);
    }
}
