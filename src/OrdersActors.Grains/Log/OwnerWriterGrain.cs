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
    private readonly Residence _residence;

    public OwnerWriterGrain(IEventLog log, PartitionMap map, ILocalSiloDetails silo, TimeProvider time)
    {
        _log = log;
        _residence = new Residence(this.GetPrimaryKeyString(), map, silo, time);
    }

    public async Task Append(OrderStatusEvent[] events)
    {
        await _log.AppendAsync(this.GetPrimaryKeyString(), events);
        if (_residence.ShouldMove())
        {
            MigrateOnIdle();
        }
    }
}
