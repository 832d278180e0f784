using System.Diagnostics;
using OrdersActors.Benchmarks.Peers.Load;

namespace OrdersActors.Benchmarks.Soak;

/// <summary>
/// Lets connections go and come back at a constant rate, each after a pause of up to one second. Used by one thread.
/// </summary>
/// <param name="crowd">The connections.</param>
/// <param name="connections">The number of connections.</param>
/// <param name="perSecond">The number of connections that go per second.</param>
internal sealed class Churn(Crowd crowd, int connections, double perSecond)
{
    private const double LongestPause = 1;

    private readonly PriorityQueue<int, long> _away = new();
    private readonly long _startedAt = Stopwatch.GetTimestamp();

    // The same choices in every run.
    private readonly Random _random = new(1);
    private long _gone;

    /// <summary>The number of connections that have come back.</summary>
    public long Reconnects { get; private set; }

    /// <summary>Closes and opens the connections whose time has come.</summary>
    public void Turn()
    {
        var now = Stopwatch.GetTimestamp();
        while (_away.TryPeek(out var id, out var at) && at <= now)
        {
            _away.Dequeue();
            crowd.Reopen(id);
            Reconnects++;
        }

        for (; _gone < Stopwatch.GetElapsedTime(_startedAt, now).TotalSeconds * perSecond; _gone++)
        {
            var id = _random.Next(connections);
            // One that is away or not subscribed yet is left alone.
            if (crowd.IsReady(id))
            {
                Leave(id, now);
            }
        }
    }

    /// <summary>Lets a connection come back that the server has refused or ended.</summary>
    public void ComeBack(int id) => Leave(id, Stopwatch.GetTimestamp());

    private void Leave(int id, long now)
    {
        crowd.Close(id);
        _away.Enqueue(id, now + (long)(_random.NextDouble() * LongestPause * Stopwatch.Frequency));
    }
}
