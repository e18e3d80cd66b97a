package org.kmemscope.fidelity.vector;

import java.util.List;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.page.MigrateType;

/**
 * What people call zones and migrate types.
 *
 * @param zones by index
 * @param migratetypes by index
 */
record ZoneNames(List<String> zones, List<String> migratetypes) {
    static ZoneNames of(Machine machine) {
        return new ZoneNames(
                machine.pages().zones().stream()
                        .map(zone -> zone.type().label())
                        .toList(),
                machine.gfp().migrateTypes().byIndex().stream()
                        .map(MigrateType::label)
                        .toList());
    }

    String zone(int index) {
        return zones.get(index);
    }

    String migratetype(int index) {
        return index < migratetypes.size() ? migratetypes.get(index) : "type " + index;
    }
}
