package org.kmemscope.shell.print;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.shell.print.TracePrinter.Event;

/** Lines of ftrace as kernels 3.2, 3.4 and 6.1 printed them. */
class TracePrinterTest {
    private static Event event(long micros, int preemptCount, boolean off, String name, String... fields) {
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < fields.length; i += 2) {
            values.put(fields[i], fields[i + 1]);
        }
        return new Event(1, micros, 0, 1, "init", preemptCount, off, name, values);
    }

    private static String last(String version, Event event) {
        String text = TracePrinter.text(KernelVersion.parse(version), List.of(event), 1, 1);
        return text.substring(text.stripTrailing().lastIndexOf('\n') + 1).stripTrailing();
    }

    @Test
    void withoutContextUpTo32() {
        assertThat(last("3.2", event(4_596_436, 0, false, "kmalloc", "call_site", "c107f0d7", "ptr", "f6558b40")))
                .isEqualTo("            init-1     [000]     4.596436: kmalloc: call_site=c107f0d7 ptr=f6558b40");
    }

    @Test
    void withFourColumnsFrom33() {
        assertThat(last("3.4.67", event(7_208_189, 1, false, "kmalloc", "call_site", "c0264794")))
                .isEqualTo("            init-1     [000] ...1     7.208189: kmalloc: call_site=c0264794");
    }

    @Test
    void withFiveColumnsIn61() {
        assertThat(last("6.1", event(12_310_228, 0x100, false, "kfree", "ptr", "c2398e60")))
                .isEqualTo("            init-1       [000] ..s..    12.310228: kfree: ptr=c2398e60");
        assertThat(last("6.1", event(12_335_271, 0x10003, true, "kfree", "ptr", "c2398e60")))
                .startsWith("            init-1       [000] d.h3.    12.335271: ");
    }

    @Test
    void theHeaderTellsHowManyAreLeft() {
        assertThat(TracePrinter.text(KernelVersion.parse("3.4"), List.of(), 7, 2))
                .contains("# entries-in-buffer/entries-written: 0/7   #P:2\n");
    }
}
