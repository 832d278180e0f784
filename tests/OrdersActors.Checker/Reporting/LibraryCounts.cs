namespace OrdersActors.Checker.Reporting;

/// <summary>The counters of the clients of one library. Thread-safe.</summary>
internal sealed class LibraryCounts(string name)
{
    private long _received;
    private int _connections;
    private int _gaps;
    private int _rejoins;
    private int _errors;

    public int Clients { get; init; }

    public int Handlers { get; init; }

    public long ReceivedCount => Volatile.Read(ref _received);

    /// <summary>How often a client became connected.</summary>
    public int ConnectionCount => Volatile.Read(ref _connections);

    public int GapCount => Volatile.Read(ref _gaps);

    /// <summary>How often a handler ended and another one continued after its last event.</summary>
    public int RejoinCount => Volatile.Read(ref _rejoins);

    /// <summary>How often a library reported an error of a connection, and went on.</summary>
    public int ErrorCount => Volatile.Read(ref _errors);

    public void Received() => Interlocked.Increment(ref _received);

    public void Connected() => Interlocked.Increment(ref _connections);

    public void Gap() => Interlocked.Increment(ref _gaps);

    public void Rejoined() => Interlocked.Increment(ref _rejoins);

    public void Error() => Interlocked.Increment(ref _errors);

    public override string ToString() =>
        $"{name}: {Clients} clients with {Handlers} handlers received {ReceivedCount} events over {ConnectionCount} "
        + $"connections; {GapCount} gaps, {RejoinCount} times a handler was continued by another one, "
        + $"{ErrorCount} errors reported";
}
