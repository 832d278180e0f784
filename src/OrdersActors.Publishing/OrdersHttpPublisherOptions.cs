namespace OrdersActors.Publishing;

/// <summary>The server, the credentials and the retries of a publisher over HTTP.</summary>
public sealed class OrdersHttpPublisherOptions
{
    /// <summary>
    /// The server: an absolute <c>https:</c> address, or <c>http:</c> in a network that you trust, because the secret
    /// is part of each request. A path is kept: the requests go to <c>v1/events</c> below it. Required.
    /// </summary>
    public Uri? BaseAddress { get; set; }

    /// <summary>The API key. It must not contain a colon. Required.</summary>
    public string ApiKey { get; set; } = "";

    /// <summary>The key's secret. Required.</summary>
    public string ApiSecret { get; set; } = "";

    /// <summary>
    /// How long transient failures are retried before the call fails; default 30 s, 0 (never retry) to 1 h. An attempt
    /// that has started is not interrupted, so a call can take up to ten seconds longer.
    /// </summary>
    public TimeSpan RetryFor { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The delay before the first retry; default 100 ms, 1 ms to 1 min. Each further delay is twice as long as the one
    /// before, up to 5 s, but never shorter than the first and than the server's <c>Retry-After</c>. Each is shortened
    /// at random by up to half.
    /// </summary>
    public TimeSpan FirstPause { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Creates the handler of the requests: for proxies and certificates. Default: null.</summary>
    public Func<HttpMessageHandler>? CreateHandler { get; set; }

    internal IEnumerable<string> Problems()
    {
        if (BaseAddress is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
        {
            yield return "BaseAddress must be an absolute https: or http: address.";
        }

        if (string.IsNullOrEmpty(ApiKey) || ApiKey.Contains(':', StringComparison.Ordinal))
        {
            yield return "ApiKey must not be empty and must not contain a colon.";
        }

        if (string.IsNullOrEmpty(ApiSecret))
        {
            yield return "ApiSecret must not be empty.";
        }

        if (RetryFor < TimeSpan.Zero || RetryFor > TimeSpan.FromHours(1))
        {
            yield return "RetryFor must be 0 to 1 h.";
        }

        if (FirstPause < TimeSpan.FromMilliseconds(1) || FirstPause > TimeSpan.FromMinutes(1))
        {
            yield return "FirstPause must be 1 ms to 1 min.";
        }
    }
}
