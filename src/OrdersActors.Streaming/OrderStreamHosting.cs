using Microsoft.Extensions.DependencyInjection;
using OrdersActors.Streaming.Queue;
using Orleans.Streams;

namespace OrdersActors.Streaming;

/// <summary>Adds the stream provider <see cref="OrderStreams.ProviderName"/> to a silo.</summary>
public static class OrderStreamHosting
{
    /// <summary>
    /// Adds the silo side of the provider: publishers in the silo append by the route of all appends, and the silo's
    /// pulling agents deliver events from the log. An <see cref="Storage.IEventLog"/> must be registered in the silo's
    /// services, and the order cluster must be added.
    /// </summary>
    public static ISiloBuilder AddOrderStreams(this ISiloBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddOptions<OrderStreamOptions>()
            .BindConfiguration("OrdersActors:Streaming").ValidateDataAnnotations().ValidateOnStart();
        return builder.AddPersistentStreams(
            OrderStreams.ProviderName,
            static (services, name) => ActivatorUtilities.CreateInstance<EventLogAdapterFactory>(services, name),
            static streams =>
            {
                // OrganizationGrain is the only consumer and subscribes by its attribute, so no subscription is stored.
                streams.ConfigureStreamPubSub(StreamPubSubType.ImplicitOnly);
                streams.ConfigurePartitionBalancing(
                    static (services, _) => ActivatorUtilities.CreateInstance<PartitionBalancer>(services));
                streams.ConfigurePullingAgent(agent => agent.Configure(options =>
                {
                    // The receiver awaits the log's signal, so this period is only the interval between two long polls
                    // and the retry delay after back-pressure. It costs nothing while the partition is idle.
                    options.GetQueueMsgsTimerPeriod = TimeSpan.FromMilliseconds(10);
                    // A container is already a batch of one organization's events.
                    options.BatchContainerBatchSize = 1;
                    options.StreamInactivityPeriod = TimeSpan.FromMinutes(10);
                }));
            });
    }
}
