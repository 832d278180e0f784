using Orleans.Concurrency;
using OrdersActors.Storage;

namespace OrdersActors.Grains.Log;

/// <summary>
/// The entry of publishers' appends into a silo. Reentrant, so that appends do not wait for each other.
/// </summary>
[GrainType("event-writer")]
[StatelessWorker, Reentrant]
internal sealed class EventWriterGrain(AppendRoute route, IEventLog log) : Grain, IEventWriterGrain
{
    public Task Append(string organizationId, OrderStatusEvent[] events) => route.AppendAsync(organizationId, events);

    public Task<OrderEvent?> Find(string organizationId, string eventId) => log.FindAsync(organizationId, eventId);
}
