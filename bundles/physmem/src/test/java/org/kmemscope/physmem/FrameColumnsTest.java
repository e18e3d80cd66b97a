package org.kmemscope.physmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.state.CopiedState;

class FrameColumnsTest {
    private static final int FIRST = 0x40000;
    private final FrameColumns frames = new FrameColumns(FIRST, FIRST + 10_000, 10);

    @Test
    void everyColumnKeepsItsOwnValue() {
        int pfn = FIRST + 9_999;
        frames.assignZone(0, FIRST, FIRST + 10_000);
        frames.setFlags(pfn, 1);
        frames.setCount(pfn, 2);
        frames.setMapCount(pfn, 3);
        frames.setPrivateData(pfn, 4);
        frames.setNext(pfn, 5);
        frames.setPrev(pfn, 6);
        frames.setOwner(pfn, 7);
        frames.setBlockType(pfn, 8);
        assertThat(new int[] {
                    frames.flags(pfn),
                    frames.count(pfn),
                    frames.mapCount(pfn),
                    frames.privateData(pfn),
                    frames.next(pfn),
                    frames.prev(pfn),
                    frames.owner(pfn),
                    frames.blockType(pfn)
                })
                .containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
        assertThat(frames.flags(FIRST)).isZero();
    }

    @Test
    void framesOutsideOfMemMapAreRefused() {
        assertThatThrownBy(() -> frames.flags(FIRST - 1)).hasMessageContaining("pfn 0x3ffff");
        assertThatThrownBy(() -> frames.setCount(FIRST + 10_000, 1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(frames.isValid(FIRST - 1)).isFalse();
    }

    @Test
    void tailsLeadToTheirHead() {
        frames.set(FIRST, PageFlag.HEAD);
        frames.setPrivateData(FIRST, 2);
        frames.set(FIRST + 3, PageFlag.TAIL);
        frames.setPrivateData(FIRST + 3, FIRST);
        assertThat(frames.compoundHead(FIRST + 3)).isEqualTo(FIRST);
        assertThat(frames.compoundOrder(FIRST)).isEqualTo(2);
        assertThat(frames.compoundHead(FIRST + 5)).isEqualTo(FIRST + 5);
    }

    @Test
    void zonesNeedNotStartAtPageblocks() {
        frames.assignZone(0, FIRST, FIRST + 4097);
        frames.assignZone(2, FIRST + 4097, FIRST + 10_000);
        assertThat(frames.zone(FIRST + 4096)).isZero();
        assertThat(frames.zone(FIRST + 4097)).isEqualTo(2);
        assertThat(frames.zone(FIRST - 1)).isEqualTo(-1);
        frames.setBlockType(FIRST + 4096, 1);
        frames.setBlockType(FIRST + 4097, 2);
        assertThat(frames.blockType(FIRST + 4096))
                .as("its zone's part of a shared pageblock")
                .isEqualTo(1);
        assertThat(frames.blockType(FIRST + 5000)).isEqualTo(2);
    }

    @Test
    void copiesGoTheirOwnWay() {
        frames.setOwner(FIRST + 1, 11);
        CopiedState state = new CopiedState();
        frames.save(state);
        FrameColumns copy = new FrameColumns(FIRST, FIRST + 10_000, 10);
        copy.restore(state.reader());
        frames.setOwner(FIRST + 1, 12);
        copy.setOwner(FIRST + 2, 13);
        assertThat(frames.owner(FIRST + 1)).isEqualTo(12);
        assertThat(frames.owner(FIRST + 2)).isZero();
        assertThat(copy.owner(FIRST + 1)).isEqualTo(11);
        assertThat(copy.owner(FIRST + 2)).isEqualTo(13);
    }
}
