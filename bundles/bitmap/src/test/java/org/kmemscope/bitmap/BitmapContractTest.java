package org.kmemscope.bitmap;

import org.kmemscope.api.zone.FreeAreaProvider;
import org.kmemscope.testkit.FreeAreaContract;

class BitmapContractTest extends FreeAreaContract {
    @Override
    public FreeAreaProvider provider() {
        return new BitmapProvider();
    }
}
