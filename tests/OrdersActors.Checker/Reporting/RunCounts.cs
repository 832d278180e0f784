using System.Collections.Concurrent;
using OrdersActors.Checker.Proxy;
using OrdersActors.Checker.Trouble;

namespace OrdersActors.Checker.Reporting;

/// <summary>The counters of a run. Thread-safe.</summary>
internal sealed class RunCounts
{
    private readonly ConcurrentDictionary<int, int> _closed = new();
    private readonly ConcurrentDictionary<TroubleKind, int> _troubles = new();
    private readonly ConcurrentDictionary<ProxyFault, (int Times, int Connections)> _proxyFaults = new();
    private readonly ConcurrentDictionary<string, int> _handshakes = new();
    private long _acknowledged;
    private long _refused;
    private long _retried;
    private long _received;
    private long _longestOutage;
    private long _longestCall;
    private int _ended;
    private int _endedByThemselves;
    private int _givenUp;
    private int _cuts;
    private int _stalls;
    private int _reconnects;
    private int _resumes;
    private int _beginnings;

    public long AcknowledgedCount => Volatile.Read(ref _acknowledged);

    public long RefusedCount => Volatile.Read(ref _refused);

    public long RetriedCount => Volatile.Read(ref _retried);

    /// <summary>How often the publishing library gave up and the service retried.</summary>
    public int GivenUpCount => Volatile.Read(ref _givenUp);

    public long ReceivedCount => Volatile.Read(ref _received);

    /// <summary>How often a server process ended, for whatever reason.</summary>
    public int EndedCount => Volatile.Read(ref _ended);

    /// <summary>How often a server process ended although nobody killed or stopped it.</summary>
    public int EndedByThemselvesCount => Volatile.Read(ref _endedByThemselves);

    public int CutCount => Volatile.Read(ref _cuts);

    public int StallCount => Volatile.Read(ref _stalls);

    public int ReconnectCount => Volatile.Read(ref _reconnects);

    public int ResumeCount => Volatile.Read(ref _resumes);

    /// <summary>How often a subscription could not resume because history was rewritten, and started again.</summary>
    public int BeginAgainCount => Volatile.Read(ref _beginnings);

    /// <summary>How often a raw client could not open a WebSocket, by reason.</summary>
    public IReadOnlyDictionary<string, int> FailedHandshakes => _handshakes;

    /// <summary>How often each kind of fault was made.</summary>
    public IReadOnlyDictionary<TroubleKind, int> TroubleCounts => _troubles;

    /// <summary>How often each fault of the proxy was made, and of how many open connections together.</summary>
    public IReadOnlyDictionary<ProxyFault, (int Times, int Connections)> ProxyFaultCounts => _proxyFaults;

    /// <summary>The counters of the client libraries. They are added before the run.</summary>
    public List<LibraryCounts> Libraries { get; } = [];

    /// <summary>How often the server closed a connection, by close status.</summary>
    public IReadOnlyDictionary<int, int> ClosedByStatus => _closed;

    /// <summary>
    /// The longest time from the end of a client's connection until all subscriptions were confirmed on its next one.
    /// </summary>
    public TimeSpan LongestOutage => new(Volatile.Read(ref _longestOutage));

    /// <summary>
    /// The longest time from the start of a publishing call until it was acknowledged, including all retries.
    /// </summary>
    public TimeSpan LongestCall => new(Volatile.Read(ref _longestCall));

    public void Acknowledged(int count, TimeSpan after)
    {
        Interlocked.Add(ref _acknowledged, count);
        Raise(ref _longestCall, after);
    }

    public void Refused(int count) => Interlocked.Add(ref _refused, count);

    public void Retried() => Interlocked.Increment(ref _retried);

    public void GivenUp() => Interlocked.Increment(ref _givenUp);

    public void Received() => Interlocked.Increment(ref _received);

    public void Ended(bool byItself)
    {
        Interlocked.Increment(ref _ended);
        _ = byItself ? Interlocked.Increment(ref _endedByThemselves) : 0;
    }

    public void Happened(TroubleKind kind) => _troubles.AddOrUpdate(kind, 1, (_, count) => count + 1);

    public void Happened(ProxyFault fault, int connections) => _proxyFaults.AddOrUpdate(
        fault, (1, connections), (_, count) => (count.Times + 1, count.Connections + connections));

    /// <summary>A subscription was confirmed.</summary>
    public void BeganAgain(bool isRewritten) => _ = isRewritten ? Interlocked.Increment(ref _beginnings) : 0;

    public void HandshakeFailed(string reason) => _handshakes.AddOrUpdate(reason, 1, (_, count) => count + 1);

    public void Cut() => Interlocked.Increment(ref _cuts);

    public void Stalled() => Interlocked.Increment(ref _stalls);

    public void Closed(int status) => _closed.AddOrUpdate(status, 1, (_, count) => count + 1);

    /// <summary>A client is connected and subscribed.</summary>
    public void Connected(bool again, bool resumed, TimeSpan outage)
    {
        if (!again)
        {
            return;
        }

        Interlocked.Increment(ref _reconnects);
        _ = resumed ? Interlocked.Increment(ref _resumes) : 0;
        Raise(ref _longestOutage, outage);
    }

    private static void Raise(ref long longest, TimeSpan time)
    {
        while (Volatile.Read(ref longest) is var known && time.Ticks > known
            && Interlocked.CompareExchange(ref longest, time.Ticks, known) != known)
        {
        }
    }
}
