using Orleans.Concurrency;
using OrdersActors.Storage;

namespace OrdersActors.Grains.Log;

/// <summary>Reentrant, so that all appends that arrive together meet in one group commit.</summary>
[GrainType("event-writer")]
[StatelessWorker, Reentrant]
internal sealed class EventWriterGrain(IEventLog log) : Grain, IEventWriterGrain
{
    public Task Append(string organizationId, OrderStatusEvent[] events) => log.AppendAsync(organizationId, events);

    public Task<OrderEvent?> Find(string organizationId, string eventId) => log.FindAsync(organizationId, eventId);
}
