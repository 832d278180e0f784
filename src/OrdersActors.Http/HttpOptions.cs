using System.ComponentModel.DataAnnotations;

namespace OrdersActors.Http;

/// <summary>The limits and timeouts of the HTTP API. Section <c>OrdersActors:Http</c>.</summary>
public sealed class HttpOptions
{
    /// <summary>
    /// Largest body of a request, in bytes; default 4 MiB, 1 KiB to 64 MiB. A larger one is answered with 413. It does
    /// not apply to JSON lines, see <see cref="MaxStreamBytes"/>.
    /// </summary>
    [Range(1024, 64 * 1024 * 1024)]
    public int MaxBodyBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>
    /// Largest body of JSON lines, in bytes; default 1 GiB, 1 MiB to 1 TiB. The lines are stored while they arrive, so
    /// the memory that a request takes does not depend on it. A larger body is answered with 413, which states how much
    /// is stored.
    /// </summary>
    [Range(1024L * 1024, 1024L * 1024 * 1024 * 1024)]
    public long MaxStreamBytes { get; set; } = 1024L * 1024 * 1024;

    /// <summary>
    /// Most events in an array or a CloudEvents batch; default 1,000, 1 to 1,000. A request with more is answered with
    /// 413. JSON lines have no such limit.
    /// </summary>
    [Range(1, OrderEventRules.MaxBatch)]
    public int MaxEventsPerRequest { get; set; } = OrderEventRules.MaxBatch;

    /// <summary>
    /// Requests per second that may come with one API key on average; default 2,000, 1 to 1,000,000. Further requests
    /// are answered with 429 and Retry-After. A request with many events counts once.
    /// </summary>
    [Range(1, 1_000_000)]
    public int RequestRate { get; set; } = 2_000;

    /// <summary>Requests that may come with one API key at once; default 4,000, 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int RequestBurst { get; set; } = 4_000;

    /// <summary>
    /// Events per second that one organization may publish over HTTP on this server on average; default 0, no limit; up
    /// to 10,000,000. Further requests are answered with 429 and Retry-After, and nothing of them is stored. A request
    /// with JSON lines stops, and its answer says where to continue. Events that services publish through a gateway do
    /// not count, because these services are trusted.
    /// </summary>
    [Range(0, 10_000_000)]
    public int PublishRatePerOrganization { get; set; }

    /// <summary>
    /// Events that one organization may publish at once if there is a <see cref="PublishRatePerOrganization"/>; default
    /// 10,000, 1 to 10,000,000. The last request may exceed it; then the next one waits longer.
    /// </summary>
    [Range(1, 10_000_000)]
    public int PublishBurstPerOrganization { get; set; } = 10_000;

    /// <summary>
    /// Most publishing requests that this server handles at the same time; default 2,000, 1 to 100,000. Further ones
    /// are answered with 503 and Retry-After.
    /// </summary>
    [Range(1, 100_000)]
    public int MaxConcurrentRequests { get; set; } = 2_000;

    /// <summary>
    /// Most publishing requests with one API key at the same time; default 500, 1 to 100,000. Further ones are answered
    /// with 429 and Retry-After.
    /// </summary>
    [Range(1, 100_000)]
    public int MaxConcurrentRequestsPerKey { get; set; } = 500;

    /// <summary>
    /// Most pages of events that are read at the same time; default 256, 1 to 10,000. A page takes up to 1.2 MB until
    /// its client has read it, so 256 take 300 MB at most. A further request waits for 5 s and is then answered with
    /// 503 and Retry-After. Event streams do not count.
    /// </summary>
    [Range(1, 10_000)]
    public int MaxConcurrentReads { get; set; } = 256;

    /// <summary>
    /// Most pages of one organization that are read at the same time; default 32, 1 to 10,000. A further request waits
    /// for 5 s and is then answered with 429 and Retry-After.
    /// </summary>
    [Range(1, 10_000)]
    public int MaxConcurrentReadsPerOrganization { get; set; } = 32;

    /// <summary>
    /// Most memory for the bodies of all publishing requests together, in bytes; default 128 MiB, 16 MiB to 16 GiB, and
    /// at least four times <see cref="MaxBodyBytes"/>. A body counts with three times its length, because its text is
    /// in memory twice for a moment, once with two bytes for each character. A request with JSON lines counts with at
    /// most 8 MiB. Requests beyond the limit are answered with 503 and Retry-After.
    /// </summary>
    [Range(16L * 1024 * 1024, 16L * 1024 * 1024 * 1024)]
    public long MaxBufferedBytes { get; set; } = 128L * 1024 * 1024;

    /// <summary>
    /// How long a successful authentication is used for further requests with the same credentials; default 2 s, 0 to
    /// 10 s. A revoked key may publish for this time plus <c>Authentication:KeyCacheTime</c>.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:10")]
    public TimeSpan AuthenticationCacheTime { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a request is retried inside the server while the log cannot store its events; default 3 s, 0 to 1 min.
    /// Then it is answered with 503 and Retry-After. An attempt that has started is not interrupted, so an answer can
    /// take up to five seconds longer.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan PublishRetryTime { get; set; } = TimeSpan.FromSeconds(3);
}
