namespace OrdersActors.Client.Connections;

/// <summary>
/// Random delays of 0.5 to 20 s: 0.5 s, and full jitter from 0 up to a limit that doubles from 0.5 s on. So many
/// clients that lose the same server do not return at the same moment. Not thread-safe.
/// </summary>
internal sealed class BackOff(TimeProvider time, Random random)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Stable = TimeSpan.FromMinutes(1);

    private int _failures;
    private long? _succeededAt;

    /// <summary>Notes a success. The delays begin again if it lasts for a minute.</summary>
    public void Succeeded() => _succeededAt = time.GetTimestamp();

    /// <summary>Begins again at once.</summary>
    public void Reset() => _failures = 0;

    /// <summary>Notes a failure and returns the delay until the next attempt.</summary>
    public TimeSpan Next()
    {
        if (_succeededAt is { } at && time.GetElapsedTime(at) >= Stable)
        {
            _failures = 0;
        }

        _succeededAt = null;
        var limit = Shortest * Math.Pow(2, Math.Min(_failures++, 10));
        return Shortest + (random.NextDouble() * (limit < Longest - Shortest ? limit : Longest - Shortest));
    }
}
