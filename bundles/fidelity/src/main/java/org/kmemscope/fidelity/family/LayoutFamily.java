package org.kmemscope.fidelity.family;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.fidelity.Family;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;

/** Constants of the address space, as a module printed them in the kernel. */
public final class LayoutFamily implements Family {
    private static final String FILE = "oracle-const.txt";
    private static final Pattern CONSTANT = Pattern.compile("CONST (\\S.*?)=(0x)?([0-9a-f]+)");
    private static final int HEX = 16;
    private static final int DECIMAL = 10;

    @Override
    public String name() {
        return "layout";
    }

    @Override
    public void compare(Subject subject, Findings findings) {
        List<String> lines = subject.lines(FILE).orElse(List.of());
        if (lines.isEmpty()) {
            return;
        }
        AddressLayout layout = subject.booted().layout();
        Map<String, Long> constants = layout.constants();
        for (int i = 0; i < lines.size(); i++) {
            Matcher constant = CONSTANT.matcher(lines.get(i));
            if (constant.matches() && constants.containsKey(constant.group(1))) {
                long captured = Long.parseLong(constant.group(3), constant.group(2) == null ? DECIMAL : HEX);
                findings.compare(constant.group(1), captured, constants.get(constant.group(1)), FILE + ":" + (i + 1));
            }
        }
    }
}
