package org.kmemscope.machine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.kmemscope.api.error.KernelException;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.kernel.KernelModule;
import org.kmemscope.api.machine.Modules;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.view.HoldingView;
import org.kmemscope.api.view.ModuleView;

/** Loads and unloads modules, and keeps the books on what each holds. */
final class LoadedModules implements Modules {
    private static final int EEXIST = -17;
    private static final int EFAULT = -14;

    private final SimulatedMachine machine;
    private final Map<String, Loaded> loaded = new LinkedHashMap<>();

    private record Loaded(KernelModule module, Kernel kernel, Ledger ledger, ModuleCaller caller) {}

    LoadedModules(SimulatedMachine machine) {
        this.machine = machine;
    }

    @Override
    public int load(KernelModule module, Map<String, String> parameters) {
        String name = module.name();
        if (loaded.containsKey(name)) {
            return EEXIST;
        }
        ModuleCaller caller = new ModuleCaller(machine.tasks, module, "insmod");
        Ledger ledger = new Ledger();
        ModuleParameters given = new ModuleParameters(parameters);
        Kernel kernel = new MachineKernel(machine, caller, ledger, given);
        Loaded entry = new Loaded(module, kernel, ledger, caller);
        loaded.put(name, entry);
        traceEvent(TracePoint.MODULE_LOAD, name);
        int result;
        try {
            result = module.init(kernel);
        } catch (KernelException oops) {
            machine.log().printk(KernelLog.ERR, name + ": module_init was killed: " + oops.getMessage());
            result = EFAULT;
        }
        if (result != 0) {
            loaded.remove(name);
            report(name, ledger);
        }
        given.unread().forEach(parameter -> machine.log()
                .printk(KernelLog.WARNING, name + ": unknown parameter '" + parameter + "' ignored"));
        return result;
    }

    @Override
    public List<String> unload(String name) {
        Loaded entry = loaded.get(name);
        if (entry == null) {
            throw new IllegalArgumentException("Module " + name + " is not currently loaded");
        }
        entry.caller.setComm("rmmod");
        try {
            entry.module.exit(entry.kernel);
        } catch (KernelException oops) {
            machine.log().printk(KernelLog.ERR, name + ": module_exit was killed: " + oops.getMessage());
        } finally {
            loaded.remove(name);
            traceEvent(TracePoint.MODULE_FREE, name);
        }
        return report(name, entry.ledger);
    }

    private List<String> report(String name, Ledger ledger) {
        List<String> leaks = ledger.leaks();
        leaks.forEach(leak -> machine.log().printk(KernelLog.WARNING, name + ": leaked " + leak));
        return leaks;
    }

    private void traceEvent(TracePoint point, String name) {
        machine.locked(() -> {
            if (machine.trace().on(point)) {
                machine.trace().fire(point, machine.trace().callSites().id(name));
            }
            return null;
        });
    }

    @Override
    public List<HoldingView> holdings(String name) {
        Loaded entry = loaded.get(name);
        if (entry == null) {
            throw new IllegalArgumentException("Module " + name + " is not currently loaded");
        }
        return machine.locked(entry.ledger::holdings);
    }

    @Override
    public List<ModuleView> list() {
        List<ModuleView> views = new ArrayList<>();
        loaded.forEach((name, entry) ->
                views.add(new ModuleView(name, entry.ledger.bytes(), entry.ledger.count(), machine.name())));
        return views;
    }
}
