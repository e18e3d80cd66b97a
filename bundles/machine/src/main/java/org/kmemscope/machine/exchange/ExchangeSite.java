package org.kmemscope.machine.exchange;

import org.kmemscope.api.ground.Clock;
import org.kmemscope.api.machine.Machine.VerifyResult;
import org.kmemscope.api.page.PageFloor;

/** What the exchange needs of the machine in which it happens. */
public interface ExchangeSite extends PageFloor {
    @Override
    Timers clock();

    /** Notes the state of everything that an exchange of object allocators touches; the result puts it back. */
    Runnable checkpoint();

    /** Checks the whole machine. */
    VerifyResult verify();

    /** A clock from which handlers can be taken off again. */
    interface Timers extends Clock {
        /** Forgets a handler and what is scheduled for it. */
        void unregister(String name);
    }
}
