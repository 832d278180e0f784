using System.ComponentModel.DataAnnotations;

namespace OrdersActors.Grains.Authentication;

/// <summary>How clients are authenticated. Section <c>OrdersActors:Authentication</c>.</summary>
public sealed class AuthenticationOptions
{
    /// <summary>
    /// How much a signature's timestamp may differ from the server's clock, in both directions; default 300 s, 1 s to 1
    /// h.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan SignatureWindow { get; set; } = TimeSpan.FromSeconds(300);

    /// <summary>
    /// How far ahead the expiry of a client's token may be; default 24 h, 1 min to 31 days. A token with a later expiry
    /// is refused, so this is the longest time for which a leaked token gives access.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "31.00:00:00")]
    public TimeSpan MaxTokenLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>
    /// How long a cached key lookup is used; default 5 s, 0 to 10 s. A revoked key may connect for that long.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:10")]
    public TimeSpan KeyCacheTime { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Most keys, known and unknown, in the cache of a silo; default 100,000. At the bound the cache is cleared.
    /// </summary>
    [Range(1, 10_000_000)]
    public int KeyCacheSize { get; set; } = 100_000;
}
