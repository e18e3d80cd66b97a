package org.kmemscope.debugger;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.kmemscope.api.debug.AllocationStory;
import org.kmemscope.api.debug.Explain;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.MachineObserver;
import org.osgi.service.component.annotations.Component;

/** Listens to every machine from its start, so that the last request can always be explained. */
@Component(service = {Explain.class, MachineObserver.class})
public final class ExplainService implements Explain, MachineObserver {
    private final Map<Machine, RequestRecorder> recorders = new ConcurrentHashMap<>();

    @Override
    public void started(Machine machine) {
        RequestRecorder recorder = new RequestRecorder();
        machine.locked(() -> {
            machine.trace().listen(recorder, RequestRecorder.POINTS);
            return null;
        });
        recorders.put(machine, recorder);
    }

    @Override
    public void removed(Machine machine) {
        RequestRecorder recorder = recorders.remove(machine);
        if (recorder != null) {
            machine.locked(() -> {
                machine.trace().silence(recorder);
                return null;
            });
        }
    }

    @Override
    public Optional<AllocationStory> last(Machine machine) {
        RequestRecorder recorder = recorders.get(machine);
        return recorder == null
                ? Optional.empty()
                : machine.locked(() -> recorder.last().map(request -> new StoryTeller(machine).tell(request)));
    }
}
