package org.kmemscope.capture.file;

/**
 * Names a zone in the tables of {@code /proc}.
 *
 * @param node memory node
 * @param zone name of the zone, such as {@code Normal}
 */
public record ZoneKey(int node, String zone) {
    @Override
    public String toString() {
        return node == 0 ? zone : "node " + node + " " + zone;
    }
}
