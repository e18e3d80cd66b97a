package org.kmemscope.capture;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.capture.Capture;
import org.kmemscope.api.capture.MachineSeed;
import org.kmemscope.api.capture.VmallocDump;
import org.kmemscope.api.gfp.GfpProvider;
import org.kmemscope.api.machine.ProfileSource;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.view.Views;
import org.kmemscope.capture.file.CaptureFiles;
import org.kmemscope.capture.file.FileKind;
import org.kmemscope.capture.file.TextFile;
import org.kmemscope.capture.seed.SeedBuilder;
import org.kmemscope.capture.view.CapturedViews;

/** A capture whose files are read when they are asked for. */
final class OpenCapture implements Capture {
    /** What nobody can have without a module of one's own is not missed. */
    private static final List<FileKind> ORDINARY = List.of(
            FileKind.VERSION,
            FileKind.UNAME,
            FileKind.CMDLINE,
            FileKind.CPUINFO,
            FileKind.IOMEM,
            FileKind.ZONEINFO,
            FileKind.BUDDYINFO,
            FileKind.PAGETYPEINFO,
            FileKind.MEMINFO,
            FileKind.VMSTAT,
            FileKind.SLABINFO,
            FileKind.VMALLOCINFO,
            FileKind.TUNABLES,
            FileKind.DMESG,
            FileKind.CONFIG);

    private final CaptureFiles files;
    private final CapturedViews views;
    private final GfpProvider gfp;
    private final ProfileSource profiles;

    OpenCapture(CaptureFiles files, GfpProvider gfp, ProfileSource profiles) {
        this.files = files;
        this.gfp = gfp;
        this.profiles = profiles;
        views = new CapturedViews(files, gfp);
    }

    @Override
    public String name() {
        return files.name();
    }

    @Override
    public Views views() {
        return views;
    }

    @Override
    public List<String> files() {
        return files.names();
    }

    @Override
    public Optional<List<String>> lines(String file) {
        return files.file(file).map(TextFile::lines);
    }

    @Override
    public List<Missing> missing() {
        List<Missing> missing = new ArrayList<>();
        for (FileKind kind : ORDINARY) {
            if (files.find(kind).isEmpty()) {
                missing.add(new Missing(kind.usual(), kind.question()));
            }
        }
        return missing;
    }

    @Override
    public MachineSeed seed() {
        return new SeedBuilder(files, views, gfp, profiles).seed();
    }

    @Override
    public Optional<PageState> state(String file, String tag) {
        return files.file(file).flatMap(text -> SeedBuilder.state(text, tag));
    }

    @Override
    public List<VmallocDump> vmallocDumps(String file) {
        return files.file(file).map(SeedBuilder::vmallocDumps).orElse(List.of());
    }
}
