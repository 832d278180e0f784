using Orleans.Configuration;
using Orleans.Streams;

namespace OrdersActors.Publishing.Streams;

/// <summary>
/// Provides Orleans with the client's part of the stream provider. Clients only write, so there is one queue and no
/// cache.
/// </summary>
internal sealed class WriterAdapterFactory(string providerName, IGrainFactory grains, TimeProvider time)
    : IQueueAdapterFactory
{
    private readonly HashRingBasedStreamQueueMapper _mapper =
        new(new HashRingStreamQueueMapperOptions { TotalQueueCount = 1 }, providerName);

    public Task<IQueueAdapter> CreateAdapter() =>
        Task.FromResult<IQueueAdapter>(new WriterAdapter(providerName, grains, time));

    public IQueueAdapterCache GetQueueAdapterCache() =>
        throw new NotSupportedException("A client does not read the order streams; it connects to /ws.");

    public IStreamQueueMapper GetStreamQueueMapper() => _mapper;

    public Task<IStreamFailureHandler> GetDeliveryFailureHandler(QueueId queueId) =>
        Task.FromResult<IStreamFailureHandler>(new NoOpStreamDeliveryFailureHandler(false));
}
