package org.kmemscope.machine;

import java.util.List;
import org.kmemscope.api.kernel.InterruptHandler;
import org.kmemscope.api.machine.Caller;

/**
 * The kernel's interface for one caller. Each call takes the machine's lock, notes who calls, does its work on the parts, and writes
 * what it took or gave into the caller's books.
 */
final class MachineKernel extends EngineCalls {
    private static final String IRQ = "request_irq";

    private final ModuleParameters parameters;

    MachineKernel(SimulatedMachine machine, Caller caller, Ledger ledger, ModuleParameters parameters) {
        super(machine, caller, ledger);
        this.parameters = parameters;
    }

    // ---- interrupts and parameters

    @Override
    public int requestIrq(int irq, InterruptHandler handler, String name) {
        enter();
        try {
            int result = machine.interrupts.request(irq, handler, name, this);
            if (result == 0) {
                took(IRQ, irq, 0);
            }
            return result;
        } finally {
            exit();
        }
    }

    @Override
    public void freeIrq(int irq, String name) {
        enter();
        try {
            machine.interrupts.free(irq, name);
            ledger.give(IRQ, irq);
        } finally {
            exit();
        }
    }

    @Override
    public String parameter(String name, String otherwise) {
        return parameters.get(name, otherwise);
    }

    @Override
    public List<String> parameterNames() {
        return parameters.names();
    }
}
