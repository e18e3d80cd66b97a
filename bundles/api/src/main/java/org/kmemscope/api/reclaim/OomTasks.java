package org.kmemscope.api.reclaim;

import java.util.List;
import org.kmemscope.api.view.TaskView;
import org.osgi.annotation.versioning.ConsumerType;

/** Tasks that the OOM killer may choose from. */
@ConsumerType
public interface OomTasks {
    /** The tasks, in order of their start. */
    List<TaskView> tasks();

    /** Kills one of them: its memory is free afterwards. */
    void kill(int pid);
}
