using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrdersActors.Cluster.Appends;
using OrdersActors.Storage;
using OrdersActors.Streaming.Cache;
using Orleans.Streams;

namespace OrdersActors.Streaming.Queue;

/// <summary>Gives Orleans the parts of the provider: adapter, cache and queue mapper.</summary>
internal sealed class EventLogAdapterFactory(
    string providerName,
    IEventLog log,
    AppendRoute route,
    IOptions<OrderStreamOptions> options,
    TimeProvider time,
    ILoggerFactory loggers) : IQueueAdapterFactory, IQueueAdapterCache
{
    private readonly PartitionQueueMapper _mapper = new(log, providerName);

    public Task<IQueueAdapter> CreateAdapter() =>
        Task.FromResult<IQueueAdapter>(
            new EventLogAdapter(providerName, log, route, options.Value, time, loggers));

    public IQueueAdapterCache GetQueueAdapterCache() => this;

    public IQueueCache CreateQueueCache(QueueId queueId) =>
        new PartitionCache(options.Value.CacheSize, options.Value.CacheBytes);

    public IStreamQueueMapper GetStreamQueueMapper() => _mapper;

    // A batch that could not be delivered within Orleans' retries is not lost: the receiving grain sees the gap in the
    // numbers and reads the missing events from the log. The agent itself logs the failure.
    public Task<IStreamFailureHandler> GetDeliveryFailureHandler(QueueId queueId) =>
        Task.FromResult<IStreamFailureHandler>(new NoOpStreamDeliveryFailureHandler(false));
}
