using OrdersActors.Storage;
using Orleans.Concurrency;

namespace OrdersActors.Cluster.Appends;

/// <summary>
/// The entry of publishers' appends into a silo. Reentrant, so that appends do not wait for each other. It has no
/// state, so all calls may interleave.
/// </summary>
[GrainType("event-writer")]
[StatelessWorker, Reentrant]
internal sealed class EventWriterGrain(AppendRoute route, IEventLog log) : Grain, IEventWriterGrain
{
    public Task Append(string organizationId, OrderStatusEvent[] events) => route.AppendAsync(organizationId, events);

    public Task<PublishedEvent[]> Store(string organizationId, OrderStatusEvent[] events) =>
        route.AppendAsync(organizationId, events);

    public Task<OrderEvent?> Find(string organizationId, string eventId) => log.FindAsync(organizationId, eventId);
}
