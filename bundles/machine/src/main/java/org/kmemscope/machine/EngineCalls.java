package org.kmemscope.machine;

import java.util.List;
import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaChannel;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.dma.DmaSegment;
import org.kmemscope.api.dma.DmaTxState;
import org.kmemscope.api.machine.Caller;

/** The calls on DMA engines. */
abstract class EngineCalls extends DmaCalls {
    private static final String CHANNEL = "dma_request_chan";

    EngineCalls(SimulatedMachine machine, Caller caller, Ledger ledger) {
        super(machine, caller, ledger);
    }

    // ---- DMA engines

    @Override
    public DmaChannel dmaRequestChan(DmaDevice engine) {
        enter();
        try {
            machine.exchanges.requireObjects();
            DmaChannel channel = machine.dma().requestChannel(engine);
            if (!channel.equals(DmaChannel.NONE)) {
                took(CHANNEL, channel.irq(), 0);
            }
            return channel;
        } catch (RuntimeException e) {
            throw machine.failure(e, "dma_request_chan");
        } finally {
            exit();
        }
    }

    @Override
    public void dmaReleaseChannel(DmaChannel channel) {
        enter();
        try {
            machine.exchanges.requireObjects();
            machine.dma().releaseChannel(channel);
            ledger.give(CHANNEL, channel.irq());
        } catch (RuntimeException e) {
            throw machine.failure(e, "dma_release_channel");
        } finally {
            exit();
        }
    }

    @Override
    public int dmaengineSlaveConfig(DmaChannel channel, long port) {
        enter();
        try {
            return machine.dma().slaveConfig(channel, port);
        } catch (RuntimeException e) {
            throw machine.failure(e, "dmaengine_slave_config");
        } finally {
            exit();
        }
    }

    @Override
    public int dmaenginePrepDmaMemcpy(DmaChannel channel, long target, long source, long length) {
        enter();
        try {
            return machine.dma().prepMemcpy(channel, target, source, length);
        } catch (RuntimeException e) {
            throw machine.failure(e, "dmaengine_prep_dma_memcpy");
        } finally {
            exit();
        }
    }

    @Override
    public int dmaenginePrepSlaveSg(DmaChannel channel, List<DmaSegment> segments, Direction direction) {
        enter();
        try {
            return machine.dma().prepSlaveSg(channel, segments, direction);
        } catch (RuntimeException e) {
            throw machine.failure(e, "dmaengine_prep_slave_sg");
        } finally {
            exit();
        }
    }

    @Override
    public int dmaenginePrepDmaCyclic(DmaChannel channel, long buffer, long length, long period, Direction direction) {
        enter();
        try {
            return machine.dma().prepCyclic(channel, buffer, length, period, direction);
        } catch (RuntimeException e) {
            throw machine.failure(e, "dmaengine_prep_dma_cyclic");
        } finally {
            exit();
        }
    }

    @Override
    public int dmaengineSubmit(DmaChannel channel, int transaction) {
        enter();
        try {
            return machine.dma().submit(channel, transaction);
        } catch (RuntimeException e) {
            throw machine.failure(e, "dmaengine_submit");
        } finally {
            exit();
        }
    }

    @Override
    public void dmaAsyncIssuePending(DmaChannel channel) {
        enter();
        try {
            machine.dma().issuePending(channel);
        } catch (RuntimeException e) {
            throw machine.failure(e, "dma_async_issue_pending");
        } finally {
            exit();
        }
    }

    @Override
    public DmaTxState dmaengineTxStatus(DmaChannel channel, int cookie) {
        enter();
        try {
            return machine.dma().txStatus(channel, cookie);
        } catch (RuntimeException e) {
            throw machine.failure(e, "dmaengine_tx_status");
        } finally {
            exit();
        }
    }

    @Override
    public int dmaenginePause(DmaChannel channel) {
        enter();
        try {
            return machine.dma().pause(channel);
        } catch (RuntimeException e) {
            throw machine.failure(e, "dmaengine_pause");
        } finally {
            exit();
        }
    }

    @Override
    public int dmaengineResume(DmaChannel channel) {
        enter();
        try {
            return machine.dma().resume(channel);
        } catch (RuntimeException e) {
            throw machine.failure(e, "dmaengine_resume");
        } finally {
            exit();
        }
    }

    @Override
    public int dmaengineTerminateSync(DmaChannel channel) {
        enter();
        try {
            return machine.dma().terminate(channel);
        } catch (RuntimeException e) {
            throw machine.failure(e, "dmaengine_terminate_sync");
        } finally {
            exit();
        }
    }
}
