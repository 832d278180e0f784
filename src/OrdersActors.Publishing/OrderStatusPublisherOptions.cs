namespace OrdersActors.Publishing;

/// <summary>Where a publisher publishes, and how it copes with failures.</summary>
public sealed class OrderStatusPublisherOptions
{
    /// <summary>
    /// The hub's gateways: some of its silos, or best a name that stands for all of them. The publisher then has an Orleans
    /// client of its own, which connects in the background. Empty by default: the publisher uses the application's own
    /// Orleans client or silo, which must have the stream provider <see cref="OrderStreams.ProviderName"/>.
    /// </summary>
    public IList<GatewayAddress> Gateways { get; } = [];

    /// <summary>
    /// The hub's cluster id, 1 to 150 characters; default <c>orders-actors</c>. Used only with <see cref="Gateways"/>.
    /// </summary>
    public string ClusterId { get; set; } = OrderPublishingHosting.ServiceId;

    /// <summary>
    /// Further configuration of the publisher's own Orleans client, for example TLS; null by default. Used only with
    /// <see cref="Gateways"/>.
    /// </summary>
    public Action<IClientBuilder>? ConfigureClient { get; set; }

    /// <summary>
    /// How long transient failures are retried before the call fails; default 30 s, 0 (never retry) to 1 h. A try that
    /// is under way is waited for, at most five seconds.
    /// </summary>
    public TimeSpan RetryFor { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The pause before the first retry; default 100 ms, 1 ms to 1 min. Each further pause is up to twice as long, at most 5 s, and
    /// shortened at random so that many publishers do not come back together.
    /// </summary>
    public TimeSpan FirstPause { get; set; } = TimeSpan.FromMilliseconds(100);
}
