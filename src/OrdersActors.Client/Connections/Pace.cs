namespace OrdersActors.Client.Connections;

/// <summary>
/// Limits the messages of a connection to what the server accepts: 100 at once and 50 per second. Half of it is used,
/// because pings and connects need some. One caller.
/// </summary>
internal sealed class Pace(TimeProvider time)
{
    private const double Burst = 50;
    private const double PerSecond = 25;

    private double _left = Burst;
    private long _refilledAt = time.GetTimestamp();

    /// <summary>Waits until a message may be sent.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        while (!TryTake())
        {
            await Task.Delay(TimeSpan.FromSeconds(1 / PerSecond), time, cancellationToken);
        }
    }

    private bool TryTake()
    {
        var now = time.GetTimestamp();
        _left = Math.Min(Burst, _left + (time.GetElapsedTime(_refilledAt, now).TotalSeconds * PerSecond));
        _refilledAt = now;
        if (_left < 1)
        {
            return false;
        }

        _left--;
        return true;
    }
}
