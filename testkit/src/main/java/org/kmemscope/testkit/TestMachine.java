package org.kmemscope.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Machine.ContextRequest;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.ObjectAllocatorProvider;
import org.kmemscope.api.view.SlabCacheView;
import org.kmemscope.api.zone.FreeAreaProvider;
import org.kmemscope.buddy.BuddyProvider;
import org.kmemscope.gfp.EraGfpProvider;
import org.kmemscope.machine.MachineFactory;
import org.kmemscope.machine.Providers;
import org.kmemscope.mmu.PageTableMmuProvider;
import org.kmemscope.physmem.SparseMemoryProvider;
import org.kmemscope.zone.ZoneProvider;

/**
 * A machine up to its object allocator, made with plain {@code new}: no vmalloc area, no windows, no DMA. So every frame that is not
 * free is boot's, the page tables', or the allocator's.
 *
 * <p>Machines are named as at the console: {@code i386-32m}, {@code linux-3.2-vexpress,mem=64M,cpus=2}. The profiles are those that
 * kmemscope ships.
 */
public final class TestMachine {
    private static final String PROFILES = "profiles";
    private static final int PID = 1;

    private final Machine machine;
    private final Kernel kernel;

    private TestMachine(Machine machine) {
        this.machine = machine;
        kernel = machine.kernel(Caller.of(PID, "test", "TestMachine"));
    }

    /** Boots a machine with an object allocator, on the buddy allocator. */
    public static TestMachine boot(String specification, ObjectAllocatorProvider objects) {
        return boot(specification, new BuddyProvider(), Optional.of(objects));
    }

    /** Boots a machine with an engine of free areas and, if there is one, an object allocator. */
    public static TestMachine boot(
            String specification, FreeAreaProvider freeAreas, Optional<ObjectAllocatorProvider> objects) {
        MachineFactory factory = factory();
        return new TestMachine(factory.boot(
                "test",
                factory.load(specification),
                new Providers(
                        new SparseMemoryProvider(),
                        new PageTableMmuProvider(),
                        new EraGfpProvider(),
                        freeAreas,
                        new ZoneProvider(),
                        objects,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty())));
    }

    /** Boots machines from the profiles that are in this jar. */
    static MachineFactory factory() {
        try {
            URI folder = TestMachine.class.getResource(PROFILES).toURI();
            if (folder.getScheme().equals("jar")) {
                open(folder);
            }
            return new MachineFactory(Path.of(folder));
        } catch (URISyntaxException | IOException e) {
            throw new UncheckedIOException(new IOException("the profiles in the testkit cannot be read", e));
        }
    }

    /** Makes the inside of a jar look like folders, once for all. */
    private static synchronized void open(URI inJar) throws IOException {
        try {
            FileSystems.getFileSystem(inJar);
        } catch (FileSystemNotFoundException closed) {
            FileSystems.newFileSystem(inJar, Map.of());
        }
    }

    /** The machine itself. */
    public Machine machine() {
        return machine;
    }

    /** The kernel, called by a task in process context. */
    public Kernel kernel() {
        return kernel;
    }

    /** The allocator that is tested. */
    public ObjectAllocator objects() {
        return machine.objects();
    }

    /** The mask of some flags, or'ed, in the machine's numbers. */
    public int gfp(Gfp... flags) {
        return kernel.gfp(flags);
    }

    /** Lets the next calls run on a CPU, in process context. */
    public void onCpu(int cpu) {
        machine.setContext(new ContextRequest(cpu, ContextRequest.Kind.PROCESS));
    }

    /** A copy that goes its own way. */
    public TestMachine fork() {
        return new TestMachine(machine.fork("copy"));
    }

    /** Pages that are free, those on per-CPU lists too. */
    public long freePages() {
        machine.pages().drainAllPages();
        return machine.pages().freePageCount();
    }

    /** The line of {@code /proc/slabinfo} of a cache; empty if there is none. */
    public Optional<SlabCacheView> cache(String name) {
        return machine.views().slabCaches().stream()
                .filter(view -> view.name().equals(name))
                .findFirst();
    }

    /** Whether the log has a line with a text in it. */
    public boolean logged(String text) {
        return machine.log().lines().stream().anyMatch(line -> line.text().contains(text));
    }

    /** Every layer agrees with every other. */
    public void verify() {
        assertThat(machine.verify().problems()).isEmpty();
    }
}
