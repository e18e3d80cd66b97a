package org.kmemscope.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class OriginTableTest {
    @Property(tries = 200)
    void agreesWithAHashMap(@ForAll long seed) {
        OriginTable table = new OriginTable();
        Map<Long, Long> model = new HashMap<>();
        Random random = new Random(seed);
        for (int i = 0; i < 5000; i++) {
            long key = 0xc0000000L + 32L * random.nextInt(3000);
            if (random.nextInt(3) < 2) {
                table.put(key, i, 0, 0, 0, 0, i * 2L);
                model.put(key, (long) i);
            } else {
                table.remove(key);
                model.remove(key);
            }
        }
        assertThat(table.size()).isEqualTo(model.size());
        for (long key = 0xc0000000L; key < 0xc0000000L + 32L * 3000; key += 32) {
            int entry = table.find(key);
            assertThat(entry >= 0).isEqualTo(model.containsKey(key));
            if (entry >= 0) {
                assertThat(table.value(entry, OriginTable.SEQUENCE)).isEqualTo(model.get(key));
                assertThat(table.value(entry, OriginTable.REQUESTED)).isEqualTo(model.get(key) * 2);
            }
        }
    }
}
