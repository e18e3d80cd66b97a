package org.kmemscope.api.machine;

import org.osgi.annotation.versioning.ConsumerType;

/** On whose behalf kernel calls are made: a task, and the place in its code. */
@ConsumerType
public interface Caller {
    /** Process id of the task. */
    int pid();

    /** Name of the task. */
    String comm();

    /** The place of the call that is being made, such as {@code ArticleModule.init:58 [article]}. */
    String site();

    /** A caller with a fixed place. */
    static Caller of(int pid, String comm, String site) {
        return new Caller() {
            @Override
            public int pid() {
                return pid;
            }

            @Override
            public String comm() {
                return comm;
            }

            @Override
            public String site() {
                return site;
            }
        };
    }
}
