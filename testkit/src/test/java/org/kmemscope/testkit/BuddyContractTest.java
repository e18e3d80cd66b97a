package org.kmemscope.testkit;

import org.kmemscope.api.zone.FreeAreaProvider;
import org.kmemscope.buddy.BuddyProvider;

/** What the machines of the kit run on is held to the contract here. */
class BuddyContractTest extends FreeAreaContract {
    @Override
    public FreeAreaProvider provider() {
        return new BuddyProvider();
    }
}
