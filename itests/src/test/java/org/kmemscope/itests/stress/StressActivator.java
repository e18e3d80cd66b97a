package org.kmemscope.itests.stress;

import org.kmemscope.api.kernel.KernelModule;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** Offers the module; the framework takes it back when the bundle stops. */
public final class StressActivator implements BundleActivator {
    @Override
    public void start(BundleContext context) {
        context.registerService(KernelModule.class, new StressModule(context), null);
    }

    @Override
    public void stop(BundleContext context) {
        // services go with the bundle
    }
}
