package org.kmemscope.capture.seed;

import java.util.BitSet;
import java.util.List;
import org.kmemscope.api.ground.ArchSpec.Arch;
import org.kmemscope.api.ground.KernelBuild.Section;
import org.kmemscope.api.ground.MemoryRegion;
import org.kmemscope.api.ground.MemoryRegion.Kind;
import org.kmemscope.api.ground.Profile;

/** The frames of a machine that may be free: whole frames of RAM without those that hold the kernel or that it leaves to firmware. */
final class UsableFrames {
    private static final int PAGE_SHIFT = Profile.PAGE_SHIFT;
    private static final long PAGE_MASK = Profile.PAGE_SIZE - 1;
    private static final int FIRST_MIB = 1 << 20 - PAGE_SHIFT;
    /** ARM's first page table lies below the image; with LPAE it is the larger one, with a page more. */
    private static final int ARM_TABLES = 5;

    /** How much of the image is kept. */
    enum Image {
        /** Its sections, and what lies between them, but for the section that boot gives back. */
        WHOLE,
        /** Its sections only: a section that boot gave back, and that no file names, lies between them. */
        SECTIONS
    }

    private UsableFrames() {}

    /** The frames that may be free. */
    static BitSet of(Profile profile, Image kept) {
        BitSet frames = new BitSet();
        for (MemoryRegion region : profile.memory()) {
            if (region.kind() == Kind.RAM) {
                frames.set(up(region.start()), Math.max(up(region.start()), down(region.end())));
            }
        }
        if (profile.arch().arch() == Arch.I386) {
            // from 5.13 on the kernel leaves the first megabyte alone, before only the page of the BIOS
            frames.clear(0, profile.kernel().version().isAtLeast(5, 13) ? FIRST_MIB : 1);
        }
        clearImage(frames, profile, kept);
        return frames;
    }

    private static void clearImage(BitSet frames, Profile profile, Image kept) {
        List<Section> image = profile.kernel().build().image();
        if (image.isEmpty()) {
            return;
        }
        long start = image.stream().mapToLong(Section::start).min().getAsLong();
        long end = image.stream().mapToLong(Section::end).max().getAsLong();
        if (profile.arch().arch() == Arch.ARM) {
            frames.clear(Math.max(0, down(start) - ARM_TABLES), down(start) + 1);
        }
        if (kept == Image.WHOLE) {
            frames.clear(down(start), up(end));
        }
        for (Section section : image) {
            boolean init = section.name().equals(".init");
            if (init && kept == Image.WHOLE) {
                BitSet ram = new BitSet();
                ram.set(up(section.start()), Math.max(up(section.start()), down(section.end())));
                frames.or(ram);
            } else if (!init) {
                frames.clear(down(section.start()), up(section.end()));
            }
        }
    }

    static int up(long bytes) {
        return (int) ((bytes + PAGE_MASK) >>> PAGE_SHIFT);
    }

    static int down(long bytes) {
        return (int) (bytes >>> PAGE_SHIFT);
    }
}
