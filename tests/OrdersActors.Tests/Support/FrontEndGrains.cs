using System.Collections.Concurrent;

namespace OrdersActors.Tests.Support;

/// <summary>
/// The grains that a front end calls, answered by the test without a cluster. All feeds have the same head and events.
/// </summary>
internal sealed class FrontEndGrains
{
    public const string Epoch = "epoch-1";

    /// <summary>The organization of every key.</summary>
    public const string Organization = "shop";

    private readonly ConcurrentQueue<string> _calls = [];

    public FrontEndGrains() => Factory = FakeGrains.Create((_, _, method, args) => CallAsync(method, args));

    public IGrainFactory Factory { get; }

    /// <summary>The methods that were called, in order.</summary>
    public string[] Calls => [.. _calls];

    /// <summary>The number of the newest event that exists.</summary>
    public long Head { get; set; }

    /// <summary>The first event that the log keeps.</summary>
    public long Earliest { get; set; } = 1;

    /// <summary>Whether the log has no such order.</summary>
    public bool IsMissing { get; set; }

    public TimeSpan Lease { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether a connect without a token is signed.</summary>
    public bool IsSigned { get; set; } = true;

    /// <summary>What a token allows.</summary>
    public TokenGrant? Grant { get; set; }

    public string[] Silos { get; set; } = ["a", "b"];

    public string[] RevokedKeys { get; set; } = [];

    /// <summary>Why a use of a key has ended; by default it has not.</summary>
    public Func<KeyUse, KeyEnd> EndOf { get; set; } = _ => KeyEnd.None;

    /// <summary>Whether the silos are of a previous version, which knows only revoked keys.</summary>
    public bool IsPreviousVersion { get; set; }

    /// <summary>The result of the authentication with a key. By default every key is signed.</summary>
    public Func<string, AuthenticationResult>? Authentication { get; set; }

    /// <summary>The epoch of the log.</summary>
    public string LogEpoch { get; set; } = Epoch;

    /// <summary>Called with the method's name before a call is answered. It may wait or fail.</summary>
    public Func<string, Task>? Before { get; set; }

    public static EncodedOrderEvent Event(string orderId, long number) =>
        new(orderId, number, number, "{}"u8.ToArray(), Epoch);

    public int Count(string method) => _calls.Count(call => call == method);

    private Task CallAsync(string method, object?[] args) => method switch
    {
        nameof(IOrderFeedGrain.Subscribe) => RunAsync(method, () =>
            IsMissing ? FeedSubscription.Denied : new FeedSubscription(true, Head, Lease, LogEpoch)),
        nameof(IOrderGrain.SubscribeAhead) => RunAsync(method, () =>
            new FeedSubscription(true, IsMissing ? 0 : Head, Lease, LogEpoch)),
        nameof(IReplayGrain.GetBounds) => RunAsync<FeedBounds?>(method, () =>
            IsMissing ? null : new FeedBounds(Earliest, Head, LogEpoch)),
        nameof(IReplayGrain.Read) =>
            RunAsync(method, () => Read((FeedKey)args[0]!, (long)args[1]!, (int)args[2]!)),
        nameof(IClusterGrain.GetSilos) => RunAsync(method, () => Silos),
        nameof(IClusterGrain.IsLogAvailable) => RunAsync(method, () => true),
        nameof(IClusterGrain.GetEpoch) => RunAsync(method, () => LogEpoch),
        nameof(IAuthenticationGrain.Authenticate) => RunAsync(method, () =>
            Authentication?.Invoke((string)args[0]!)
            ?? new AuthenticationResult(AuthenticationOutcome.Authenticated, Organization, IsSigned)),
        nameof(IAuthenticationGrain.AuthenticateClient) => RunAsync(method, () =>
            new AuthenticationResult(AuthenticationOutcome.Authenticated, Organization, SecretId: 1, Grant: Grant)),
        nameof(IAuthenticationGrain.FindEnded) => RunAsync(method, () => FindEnded((KeyUse[])args[0]!)),
        nameof(IAuthenticationGrain.FindRevoked) => RunAsync(method, () => RevokedKeys),
        _ => RunAsync(method, () => true),
    };

    private KeyUse[] FindEnded(KeyUse[] uses) => IsPreviousVersion
        ? throw new TypeLoadException("unknown method")
        : [.. uses.Select(use => use with { End = EndOf(use) }).Where(use => use.End != KeyEnd.None)];

    private async Task<T> RunAsync<T>(string method, Func<T> answer)
    {
        _calls.Enqueue(method);
        if (Before is { } before)
        {
            await before(method);
        }

        return answer();
    }

    private EncodedOrderEvent[] Read(FeedKey feed, long after, int limit) =>
    [
        .. NumberRange.Numbers(Math.Max(after + 1, Earliest), Head).Take(limit)
            .Select(number => Event(feed.OrderId ?? "o", number)),
    ];
}
