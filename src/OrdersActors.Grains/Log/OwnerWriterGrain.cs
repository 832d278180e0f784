using Orleans.Concurrency;
using OrdersActors.Grains.Placement;
using OrdersActors.Storage;
using OrdersActors.Streaming;

namespace OrdersActors.Grains.Log;

/// <summary>Reentrant, so that all appends that arrive together meet in one group commit.</summary>
[GrainType("owner-writer")]
[OrganizationPlacement, Reentrant]
internal sealed class OwnerWriterGrain : Grain, IOwnerWriter
{
    private readonly IEventLog _log;
    private readonly TimeProvider _time;
    private readonly Residence _residence;

    public OwnerWriterGrain(IEventLog log, PartitionMap map, ILocalSiloDetails silo, TimeProvider time)
    {
        _log = log;
        _time = time;
        _residence = new Residence(this.GetPrimaryKeyString(), map, silo, time);
    }

    public async Task Append(OrderStatusEvent[] events)
    {
        // Whoever asked appends elsewhere then. What has been sent is stored all the same, and known by its ids.
        using var deadline = new CancellationTokenSource(IOwnerWriter.Patience, _time);
        try
        {
            await _log.AppendAsync(this.GetPrimaryKeyString(), events, deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw new EventLogUnavailableException("the event log is unavailable: the append's turn did not come in time");
        }
        finally
        {
            if (_residence.ShouldMove())
            {
                MigrateOnIdle();
            }
        }
    }
}
