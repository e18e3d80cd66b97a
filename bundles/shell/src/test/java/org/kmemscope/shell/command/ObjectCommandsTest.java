package org.kmemscope.shell.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code slabinfo CACHE}, {@code slabtop}, {@code krealloc}, {@code kvmalloc}, bulk requests and memory pools. */
class ObjectCommandsTest {
    private final TestDesk desk = TestDesk.withObjects("i386-32m");

    @AfterEach
    void allAgrees() {
        assertThat(desk.machine().verify().problems()).isEmpty();
    }

    @Test
    void theObjectsOfACacheAreShownWithWhoHasThem() {
        desk.run("kmem_cache_create", "packets", "1000");
        String first = desk.run("kmem_cache_alloc", "packets", "GFP_KERNEL").toString();
        String second = desk.run("kmem_cache_alloc", "packets", "GFP_KERNEL").toString();
        desk.run("kmem_cache_free", "packets", first);
        String all = desk.print("slabinfo", "packets");
        assertThat(all.lines().skip(2).findFirst().orElseThrow()).startsWith("packets ");
        assertThat(all.lines().skip(3).findFirst().orElseThrow())
                .isEqualTo("SLAB        OBJECT  ADDRESS     STATE         ASKED FOR  OWNER");
        assertThat(all.lines().skip(4)).hasSize(4);
        assertThat(all).containsPattern(second + " +allocated +1000 +kmemscope \\(pid 1\\) at test:1");
        assertThat(all).containsPattern(first + " +free, cached");
        String live = desk.print("slabinfo", "packets", "--live");
        assertThat(live.lines().skip(4)).hasSize(1);
        assertThat(desk.print("slabinfo", "packets", "--live", "--json"))
                .contains("\"owner\" : \"kmemscope (pid 1) at test:1\"");
        assertThat(desk.print("slabinfo", "--json")).startsWith("[").contains("\"name\" : \"packets\"");
        assertThatThrownBy(() -> desk.run("slabinfo", "packet")).hasMessageContaining("did you mean packets");
    }

    @Test
    void theAttributesOfACacheAreShown() {
        desk.run("kmem_cache_create", "packets", "1000");
        assertThat(desk.print("slabinfo", "packets", "--attributes"))
                .startsWith("ATTRIBUTE")
                .containsPattern("\nobject_size +1000\n")
                .containsPattern("\ngfporder +0\n");
        assertThat(desk.print("slabinfo", "packets", "-a", "--json")).contains("\"object_size\" : \"1000\"");
        assertThatThrownBy(() -> desk.run("slabinfo", "-a")).hasMessage("slabinfo: whose attributes? Name a cache");
    }

    @Test
    void objectsAcrossSeveralPagesAreFoundOnce() {
        desk.run("kmem_cache_create", "wide", "6000");
        desk.run("kmem_cache_alloc", "wide", "GFP_KERNEL");
        assertThat(desk.print("slabinfo", "wide", "--live").lines().skip(4)).hasSize(1);
    }

    @Test
    void slabtopIsThatOfProcps() {
        desk.run("kmem_cache_create", "packets", "1000");
        for (int i = 0; i < 300; i++) {
            desk.run("kmem_cache_alloc", "packets", "GFP_KERNEL");
        }
        List<String> top = desk.print("slabtop").lines().toList();
        assertThat(top.get(0)).matches(" Active / Total Objects \\(% used\\) {4}: \\d+ / \\d+ \\(\\d+\\.\\d%\\)");
        assertThat(top.get(4)).matches(" Minimum / Average / Maximum Object : \\d+\\.\\d\\dK / .*K / 128.00K");
        assertThat(top.get(6)).isEqualTo("  OBJS ACTIVE  USE OBJ SIZE  SLABS OBJ/SLAB CACHE SIZE NAME");
        assertThat(top.get(7)).isEqualTo("   300    300 100%    0.98K     75        4       300K packets");
        assertThat(desk.print("slabtop", "-s", "n").lines().skip(7).toList())
                .isSortedAccordingTo((one, other) -> name(one).compareTo(name(other)));
        assertThatThrownBy(() -> desk.run("slabtop", "-s", "x"))
                .hasMessageContaining("'x' is no key; there are a, b, c, l, n, o, p, s, u, v");
        assertThatThrownBy(() -> desk.run("slabtop", "-d", "0")).hasMessageContaining("at least 1 second");
    }

    private static String name(String row) {
        return row.substring(row.lastIndexOf(' ') + 1);
    }

    @Test
    void anObjectGrows() {
        String object = desk.run("kmalloc", "40", "GFP_KERNEL").toString();
        desk.run("wr", "-s", object, "grows");
        String larger = desk.run("krealloc", object, "500", "GFP_KERNEL").toString();
        assertThat(larger).isNotEqualTo(object);
        assertThat(desk.print("rd", "-s", larger)).contains("grows");
        assertThat(desk.run("krealloc", "0", "10", "GFP_KERNEL").toString()).startsWith("0x");
        assertThatThrownBy(() -> desk.run("krealloc", larger, "5M", "GFP_KERNEL"))
                .hasMessageContaining("more than kmalloc serves here");
    }

    @Test
    void kvmallocTakesWhatItGets() {
        String small = desk.run("kvmalloc", "100", "GFP_KERNEL").toString();
        String large = desk.run("kvmalloc", "1M", "GFP_KERNEL").toString();
        assertThat(desk.print("whatis", small)).contains("size-128");
        assertThat(desk.print("whatis", large)).contains("vmalloc");
        desk.run("kvfree", small, large);
        assertThatThrownBy(() -> desk.run("kvmalloc", "1M", "GFP_ATOMIC"))
                .hasMessageContaining("neither kmalloc nor vmalloc has 1048576 bytes for GFP_ATOMIC");
    }

    @Test
    void manyObjectsAtOnce() {
        desk.run("kmem_cache_create", "packets", "1000");
        Object objects = desk.run("kmem_cache_alloc_bulk", "packets", "8", "GFP_KERNEL");
        assertThat(objects).asInstanceOf(LIST).hasSize(8);
        String[] words = ((List<?>) objects).stream().map(Object::toString).toArray(String[]::new);
        for (String word : words) {
            desk.run("kmem_cache_free", "packets", word);
        }
        assertThat(desk.print("kmem_cache_shrink", "packets")).isEqualTo("2 pages freed\n");
        assertThatThrownBy(() -> desk.run("kmem_cache_alloc_bulk", "packets", "0", "GFP_KERNEL"))
                .hasMessageContaining("at least 1 object");
    }

    @Test
    void aPoolIsMadeUsedAndDestroyed() {
        desk.run("kmem_cache_create", "bio", "120");
        String pool = desk.run("mempool_create", "4", "bio").toString();
        String object = desk.run("mempool_alloc", pool, "GFP_NOIO").toString();
        assertThat(desk.print("whatis", object)).contains("cache bio");
        desk.run("mempool_free", pool, object);
        desk.run("mempool_destroy", pool);
        String other = desk.run("mempool_create", "2", "4k").toString();
        desk.run("mempool_destroy", other);
        assertThatThrownBy(() -> desk.run("mempool_alloc", pool, "GFP_NOIO"))
                .hasMessageContaining("with a pool that does not exist any more");
    }
}
