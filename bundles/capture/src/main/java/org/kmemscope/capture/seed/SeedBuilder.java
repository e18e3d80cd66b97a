package org.kmemscope.capture.seed;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.capture.MachineSeed;
import org.kmemscope.api.capture.NotCaptured;
import org.kmemscope.api.capture.VmallocDump;
import org.kmemscope.api.gfp.GfpProvider;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.ProfileSource;
import org.kmemscope.api.page.MigrateTypes;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.page.PageState.ZoneState;
import org.kmemscope.api.view.SlabCacheView;
import org.kmemscope.api.view.ZoneView;
import org.kmemscope.api.vmalloc.VmallocState;
import org.kmemscope.capture.file.CaptureFiles;
import org.kmemscope.capture.file.FileKind;
import org.kmemscope.capture.file.TextFile;
import org.kmemscope.capture.view.CapturedViews;
import org.kmemscope.capture.view.KernelIdentity;
import org.kmemscope.capture.view.RamRanges;

/**
 * Makes the seed of a machine of a capture: its profile, the state of its page allocator (exact if a module recorded it, else made up so
 * that the counts come out the same), its caches and vmalloc areas. Everything that had to be assumed is noted.
 */
public final class SeedBuilder {
    private final CaptureFiles files;
    private final CapturedViews views;
    private final GfpProvider gfp;
    private final ProfileSource profiles;
    private final List<String> notes = new ArrayList<>();

    /** A builder for one capture. */
    public SeedBuilder(CaptureFiles files, CapturedViews views, GfpProvider gfp, ProfileSource profiles) {
        this.files = files;
        this.views = views;
        this.gfp = gfp;
        this.profiles = profiles;
    }

    /**
     * The seed.
     *
     * @throws NotCaptured if the version or the memory of the machine is not known
     * @throws IllegalArgumentException if there are no machines of its kind
     */
    public MachineSeed seed() {
        KernelIdentity kernel = views.kernel();
        if (!kernel.i386() && !kernel.arm()) {
            String family = kernel.processor().isEmpty() ? "an unknown processor" : kernel.processor();
            throw new IllegalArgumentException(files.name() + " is of " + kernel.release() + " on " + family
                    + ": machines are 32-bit i386 or ARM; its views can be looked at");
        }
        RamRanges ram = RamRanges.of(files, views.bootLog(), views.knownZones(), kernel.i386())
                .orElseThrow(() -> new NotCaptured(files.name()
                        + " has no proc-iomem.txt, boot log or proc-zoneinfo.txt, so its memory is not known"));
        Hints hints = new Hints(files, views);
        Profile profile = new ProfileMaker(files, hints, ram, profiles, notes).profile();
        Optional<PageState> exact = exact(profile);
        Optional<PageState> pages = exact.isPresent() ? exact : counted(profile, hints, ram);
        return new MachineSeed(profile, pages, exact.isPresent(), caches(), Optional.empty(), vmalloc(), notes);
    }

    /** A state with a tag that a module printed into a vector file, if it is there. */
    public static Optional<PageState> state(TextFile file, String tag) {
        return VectorReader.read(file, tag);
    }

    /** States of the vmalloc area that a module printed into a vector file. */
    public static List<VmallocDump> vmallocDumps(TextFile file) {
        return VmallocDumpReader.read(file);
    }

    private MigrateTypes types(Profile profile) {
        return gfp.table(profile.kernel().version(), profile.kernel().config()).migrateTypes();
    }

    private Optional<PageState> exact(Profile profile) {
        Optional<PageState> vector = files.find(FileKind.VECTOR).map(file -> {
            notes.add("free lists: exact, the start of " + file.name());
            return withEmptyZones(VectorReader.read(file));
        });
        return vector.isPresent()
                ? vector
                : DumpedState.of(
                        files,
                        profile,
                        views,
                        types(profile),
                        views.capturedZones().pageblockOrder(),
                        notes);
    }

    /** A vector has nothing of zones without memory, but their watermarks and reserves are printed. */
    private PageState withEmptyZones(PageState state) {
        List<ZoneState> zones = new ArrayList<>(state.zones());
        for (ZoneView zone : views.knownZones()) {
            if (!zone.populated() && zone.index() < zones.size()) {
                zones.set(zone.index(), ZoneStates.empty(zone));
            }
        }
        return new PageState(zones);
    }

    private Optional<PageState> counted(Profile profile, Hints hints, RamRanges ram) {
        int order = views.capturedZones().pageblockOrder();
        return new StateMaker(profile, hints, types(profile), order, ram.unmapped(), notes).state();
    }

    private List<SlabCacheView> caches() {
        if (files.find(FileKind.SLABINFO).isEmpty()) {
            notes.add("caches of objects: not captured");
            return List.of();
        }
        notes.add("caches of objects: the machine has those of its boot; pages of the captured ones stay in use");
        return views.slabCaches();
    }

    private VmallocState vmalloc() {
        if (files.find(FileKind.VMALLOCINFO).isEmpty()) {
            Optional<VmallocState> recorded = recordedAreas();
            if (recorded.isEmpty()) {
                notes.add("areas of the vmalloc space: not captured");
            }
            return recorded.orElse(VmallocState.EMPTY);
        }
        if (views.areasHidden()) {
            notes.add("areas of the vmalloc space: the kernel hid their addresses (no_hash_pointers shows them)");
            return VmallocState.EMPTY;
        }
        return new VmallocState(views.vmapAreas(), List.of());
    }

    private Optional<VmallocState> recordedAreas() {
        return files.find(FileKind.VMALLOC_VECTOR).flatMap(file -> vmallocDumps(file).stream()
                .map(VmallocDump::state)
                .findFirst()
                .filter(state -> !state.areas().isEmpty())
                .map(state -> {
                    notes.add("areas of the vmalloc space: the start of " + file.name()
                            + ", which may be of another boot");
                    return state;
                }));
    }
}
