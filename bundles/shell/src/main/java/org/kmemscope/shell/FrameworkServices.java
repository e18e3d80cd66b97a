package org.kmemscope.shell;

import java.util.Optional;
import org.kmemscope.shell.command.Bundles;
import org.kmemscope.shell.command.Scenarios;
import org.kmemscope.shell.command.Services;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/** Services of the OSGi framework. */
final class FrameworkServices implements Services {
    private final BundleContext context;
    private final FrameworkBundles bundles;
    private final Scenarios scenarios;

    FrameworkServices(BundleContext context, FrameworkBundles bundles, Scenarios scenarios) {
        this.context = context;
        this.bundles = bundles;
        this.scenarios = scenarios;
    }

    @Override
    public Scenarios scenarios() {
        return scenarios;
    }

    @Override
    public Bundles bundles() {
        return bundles;
    }

    @Override
    public <T> Optional<T> find(Class<T> type) {
        ServiceReference<T> reference = context.getServiceReference(type);
        return reference == null ? Optional.empty() : Optional.ofNullable(context.getService(reference));
    }
}
