namespace OrdersActors.Publishing;

/// <summary>The hub of a publisher, and how the publisher retries.</summary>
public sealed class OrderStatusPublisherOptions
{
    /// <summary>
    /// The hub's gateways: some of its silos, or better a name that resolves to all of them. The publisher then has its
    /// own Orleans client, which connects in the background. Default: empty. If it is empty, the publisher uses the
    /// application's own Orleans client or silo, which must have the stream provider
    /// <see cref="OrderStreams.ProviderName"/>.
    /// </summary>
    public IList<GatewayAddress> Gateways { get; } = [];

    /// <summary>
    /// The hub's cluster id, 1 to 150 characters; default <c>orders-actors</c>. Used only with <see cref="Gateways"/>.
    /// </summary>
    public string ClusterId { get; set; } = OrderPublishingHosting.ServiceId;

    /// <summary>
    /// The files of mutual TLS with the hub; null by default, which connects without TLS. Used only with
    /// <see cref="Gateways"/>. While a file cannot be used, the publisher has no connection, logs the reason (1520) and
    /// retries.
    /// </summary>
    public OrderTlsOptions? Tls { get; set; }

    /// <summary>
    /// Further configuration of the publisher's own Orleans client; null by default. Used only with
    /// <see cref="Gateways"/>.
    /// </summary>
    public Action<IClientBuilder>? ConfigureClient { get; set; }

    /// <summary>
    /// How long transient failures are retried before the call fails; default 30 s, 0 (never retry) to 1 h. An attempt
    /// that has started is not interrupted, so a call can take up to five seconds longer.
    /// </summary>
    public TimeSpan RetryFor { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The delay before the first retry; default 100 ms, 1 ms to 1 min. Each further delay is twice as long as the one
    /// before, up to 5 s, but never shorter than the first. Each is shortened at random by up to half, so that many
    /// publishers do not retry at the same time.
    /// </summary>
    public TimeSpan FirstPause { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How long an event may wait for other events of its organization to share its call, counted from the
    /// organization's latest call, 0 to 100 ms; default 2 ms. If fewer than eight events wait, half as long again.
    /// Fewer calls cost the application and the hub less CPU. A caller that is alone and awaits each event does not
    /// wait. Zero: events wait only while 16 calls are unanswered.
    /// </summary>
    public TimeSpan GroupInterval { get; set; } = TimeSpan.FromMilliseconds(2);
}
