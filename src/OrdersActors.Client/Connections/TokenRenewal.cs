using OrdersActors.Client.Feeds;

namespace OrdersActors.Client.Connections;

/// <summary>
/// Decides when a connection needs a newer token: when the server says <c>expiring</c> (60 s before the end), and 30 s
/// before <c>expires_at</c> by the local clock.
/// </summary>
/// <remarks>
/// The local clock may be wrong, so it never decides alone. If it is behind, <c>expiring</c> comes first. If it is
/// ahead, the token is renewed earlier than necessary, but at most once a minute. A token that lives for less than a
/// minute is expiring at once; it is renewed at half of its life. Called by the connection's reader and its renewal,
/// one at a time.
/// </remarks>
internal sealed class TokenRenewal : IDisposable
{
    private static readonly TimeSpan Early = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LeastLife = TimeSpan.FromSeconds(2);

    private readonly TimeProvider _time;
    private readonly BackOff _backOff;
    private readonly Signal _due = new();
    private readonly Alarm _alarm;
    private long _connectedAt;

    public TokenRenewal(TimeProvider time, Random random)
    {
        _time = time;
        _backOff = new BackOff(time, random);
        _alarm = new Alarm(time, _due.Set);
    }

    /// <summary>Waits until a newer token is due.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _due.WaitAsync(cancellationToken);

    /// <summary>The server has accepted a token that ends at a time.</summary>
    public void Connected(DateTimeOffset? expiresAt)
    {
        _backOff.Reset();
        _connectedAt = _time.GetTimestamp();
        _alarm.Clear();
        if (expiresAt is { } end)
        {
            var left = Left(end) - Early;
            _alarm.Set(left > Shortest ? left : Shortest);
        }
    }

    /// <summary>The server says that the token ends soon.</summary>
    public void Expiring(DateTimeOffset expiresAt)
    {
        var isShort = _time.GetElapsedTime(_connectedAt) < AtOnce;
        var left = Left(expiresAt);
        var life = left < LeastLife ? LeastLife : left > Shortest ? Shortest : left;
        _alarm.Set(isShort ? life / 2 : TimeSpan.Zero);
    }

    /// <summary>No newer token could be had.</summary>
    public void Failed(TimeSpan atLeast = default)
    {
        var delay = _backOff.Next();
        _alarm.Set(delay > atLeast ? delay : atLeast);
    }

    public void Dispose() => _alarm.Dispose();

    private TimeSpan Left(DateTimeOffset expiresAt) => expiresAt - _time.GetUtcNow();
}
