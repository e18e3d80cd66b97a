package org.kmemscope.bitmap;

import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.zone.FreeAreaHost;
import org.kmemscope.api.zone.FreeAreaProvider;
import org.kmemscope.api.zone.FreeAreas;
import org.osgi.service.component.annotations.Component;

/** Makes free areas that are bits. */
@Component
public final class BitmapProvider implements FreeAreaProvider {
    static final String NAME = "bitmap";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public FreeAreas create(Ground ground, FreeAreaHost host, int maxOrder) {
        return new BitmapFreeAreas(ground, host, maxOrder);
    }
}
