package org.kmemscope.fidelity;

import java.util.List;
import java.util.function.Function;
import org.kmemscope.api.capture.Capture;
import org.kmemscope.api.capture.MachineSeed;
import org.kmemscope.api.fidelity.Fidelity;
import org.kmemscope.api.fidelity.FidelityReport;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Machines;
import org.kmemscope.fidelity.error.ErrorFamily;
import org.kmemscope.fidelity.family.GfpFamily;
import org.kmemscope.fidelity.family.KmallocFamily;
import org.kmemscope.fidelity.family.LayoutFamily;
import org.kmemscope.fidelity.family.SlabGeometryFamily;
import org.kmemscope.fidelity.family.SlabMergingFamily;
import org.kmemscope.fidelity.family.WatermarkFamily;
import org.kmemscope.fidelity.family.ZoneFamily;
import org.kmemscope.fidelity.mapping.DmaFamily;
import org.kmemscope.fidelity.mapping.KmapFamily;
import org.kmemscope.fidelity.mapping.VmallocFamily;
import org.kmemscope.fidelity.page.AllocPagesFamily;
import org.kmemscope.fidelity.page.BuddyFamily;
import org.kmemscope.fidelity.page.FloorFamily;
import org.kmemscope.fidelity.vector.DmaVectors;
import org.kmemscope.fidelity.vector.KmapVectors;
import org.kmemscope.fidelity.vector.PageVectors;
import org.kmemscope.fidelity.vector.SlabVectors;
import org.kmemscope.fidelity.vector.VmallocVectors;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Runs the families over a capture, in the order in which a report lists them. */
@Component
public final class FidelityService implements Fidelity {
    private static final List<Family> FAMILIES = List.of(
            new LayoutFamily(),
            new ZoneFamily(),
            new WatermarkFamily(),
            new GfpFamily(),
            new KmallocFamily(),
            new SlabGeometryFamily(),
            new SlabMergingFamily(),
            new AllocPagesFamily(),
            new BuddyFamily(),
            new FloorFamily(),
            new VmallocFamily(),
            new KmapFamily(),
            new DmaFamily(),
            new ErrorFamily(),
            new PageVectors(),
            new VmallocVectors(),
            new KmapVectors(),
            new DmaVectors(),
            SlabVectors.ofPrivateCaches(),
            SlabVectors.ofKmalloc());

    private final Function<Profile, Machine> boot;
    private final Function<MachineSeed, Machine> clone;

    /**
     * @param machines boots the machines that are compared
     */
    @Activate
    public FidelityService(@Reference Machines machines) {
        this(machines::bootAside, machines::bootAside);
    }

    /**
     * @param boot boots a machine of a profile
     * @param clone boots a machine in the state of a capture
     */
    public FidelityService(Function<Profile, Machine> boot, Function<MachineSeed, Machine> clone) {
        this.boot = boot;
        this.clone = clone;
    }

    @Override
    public FidelityReport compare(Capture capture) {
        Subject subject = new Subject(capture, boot, clone);
        return new FidelityReport(
                capture.name(),
                FAMILIES.stream().map(family -> compare(family, subject)).toList());
    }

    private static FidelityReport.Family compare(Family family, Subject subject) {
        Findings findings = new Findings();
        family.compare(subject, findings);
        return findings.family(family.name());
    }
}
