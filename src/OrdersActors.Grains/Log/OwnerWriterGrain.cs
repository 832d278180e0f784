using Orleans.Concurrency;
using OrdersActors.Grains.Placement;
using OrdersActors.Storage;
using OrdersActors.Streaming;

namespace OrdersActors.Grains.Log;

/// <summary>Reentrant, so that all appends that arrive together share one group commit.</summary>
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
        try
        {
            // After this timeout the calling silo appends the events itself.
            await _log.AppendWithinAsync(IOwnerWriter.Patience, this.GetPrimaryKeyString(), events, _time);
        }
        finally
        {
            _residence.MoveIfAway(this);
        }
    }
}
