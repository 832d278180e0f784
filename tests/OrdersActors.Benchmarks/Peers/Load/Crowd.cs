using System.ComponentModel;
using System.Diagnostics;

namespace OrdersActors.Benchmarks.Peers.Load;

/// <summary>Client connections of the load process, and the thread that reads them.</summary>
/// <param name="target">The peer.</param>
/// <param name="dialectOf">The messages of each connection; null if all have the same.</param>
/// <param name="onFailed">
/// Called with a connection that the server has refused or ended, and the reason; null to throw the exception.
/// </param>
internal sealed class Crowd(
    LoadTarget target, Func<int, Dialect>? dialectOf = null, Action<int, Exception>? onFailed = null) : IDisposable
{
    /// <summary>Connections that are being opened at the same time.</summary>
    public const int Parallel = 64;

    private const int BufferSize = 256 * 1024;
    private static readonly TimeSpan OpenTimeout = TimeSpan.FromMinutes(2);

    private readonly Dialect _dialect = Dialect.Of(target);
    private readonly List<Subscriber> _subscribers = [];
    private readonly byte[] _buffer = new byte[BufferSize];

    public Poller Poller { get; } = new();

    /// <summary>The size of the connections' receive buffers in bytes; null for the kernel's choice.</summary>
    public int? ReceiveBuffer { get; init; }

    /// <summary>The events that have arrived.</summary>
    public long Received { get; private set; }

    /// <summary>All bytes that have arrived.</summary>
    public long Bytes { get; private set; }

    /// <summary>From the due times of the events to their arrivals.</summary>
    public Latencies Latencies { get; } = new();

    /// <summary>
    /// Opens connections until all are subscribed, a bounded number at the same time. Connection i subscribes to the
    /// order that <paramref name="topic"/> returns for it.
    /// </summary>
    public void Open(int count, Func<int, int> topic)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var (opening, opened) = (new HashSet<int>(), 0);
        while (opened < count || opening.Count > 0)
        {
            for (; opened < count && opening.Count < Parallel; opened++)
            {
                opening.Add(_subscribers.Count);
                _subscribers.Add(Start(_subscribers.Count, topic(opened)));
            }

            foreach (var id in Poller.Wait(milliseconds: 100))
            {
                Read(_subscribers[id], id);
                if (_subscribers[id].IsReady)
                {
                    opening.Remove(id);
                }
            }

            if (Stopwatch.GetElapsedTime(startedAt) > OpenTimeout)
            {
                throw new TimeoutException($"{opening.Count} connections were not subscribed in {OpenTimeout}.");
            }
        }
    }

    /// <summary>Waits at most this long, and reads what has arrived.</summary>
    public void Read(int milliseconds)
    {
        foreach (var id in Poller.Wait(milliseconds))
        {
            Read(_subscribers[id], id);
        }
    }

    /// <summary>Reads for this time. Pings are answered.</summary>
    public void ReadFor(TimeSpan time)
    {
        for (var from = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(from) < time;)
        {
            Read(milliseconds: 100);
        }
    }

    /// <summary>Whether a connection is open and subscribed.</summary>
    public bool IsReady(int id) => _subscribers[id] is { IsReady: true, Socket: >= 0 };

    /// <summary>Closes a connection with a reset.</summary>
    public void Close(int id) => _subscribers[id].Stop();

    /// <summary>Opens a connection again, and subscribes to the same order. Does not wait.</summary>
    public void Reopen(int id) => _subscribers[id] = Start(id, _subscribers[id].Topic);

    /// <summary>Closes all connections.</summary>
    public void Close()
    {
        _subscribers.ForEach(subscriber => subscriber.Stop());
        _subscribers.Clear();
    }

    public void Dispose()
    {
        Close();
        Poller.Dispose();
    }

    private Subscriber Start(int id, int topic)
    {
        var subscriber = new Subscriber(dialectOf?.Invoke(id) ?? _dialect, topic, OnEvent);
        subscriber.Start(target.Port, ReceiveBuffer);
        Poller.Watch(subscriber.Socket, id);
        return subscriber;
    }

    private void Read(Subscriber subscriber, int id)
    {
        try
        {
            Bytes += subscriber.Read(_buffer);
        }
        catch (Exception e) when (onFailed is not null && e is InvalidOperationException or Win32Exception)
        {
            onFailed(id, e);
        }
    }

    private void OnEvent(long due, long arrived)
    {
        Received++;
        Latencies.Add(arrived - due);
    }
}
