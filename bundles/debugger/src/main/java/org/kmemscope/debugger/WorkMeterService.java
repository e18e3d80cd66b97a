package org.kmemscope.debugger;

import org.kmemscope.api.debug.WorkMeter;
import org.kmemscope.api.machine.Machine;
import org.osgi.service.component.annotations.Component;

/** Measures work by listening. */
@Component(service = WorkMeter.class)
public final class WorkMeterService implements WorkMeter {
    @Override
    public Gauge attach(Machine machine) {
        return machine.locked(() -> new WorkGauge(machine));
    }
}
