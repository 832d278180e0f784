using System.Runtime.ExceptionServices;
using OrdersActors.Storage.EventLog;

namespace OrdersActors.Cluster.Appends;

/// <summary>
/// Sends appends to a home silo. Appends that come while two calls are under way share the next call, whatever
/// partition they are of: under load, messages between silos cost more than the appends.
/// </summary>
/// <remarks>
/// <code>
///   append ─┬─ fewer than two calls ──► Store, at once ─────────────────────────┐
///           └─ else wait ──► one of the waiting appends sends all: StoreAll ────┴──► the next ones
/// </code>
/// <list type="bullet">
/// <item>Each call is made by one of its appends, so each call is awaited by its caller.</item>
/// <item>A wait is bounded by the timeout of a call. If a call fails, all waiting appends fail with it, and their
/// callers append the events themselves.</item>
/// <item>Waiting appends are bounded in bytes. At the bound an append makes a call of its own at once.</item>
/// <item>A home silo of a previous version does not know <see cref="IHomeAppendGrain.StoreAll"/>. Then each append
/// makes a call of its own.</item>
/// </list>
/// Thread-safe. No code under the lock takes another lock.
/// </remarks>
/// <param name="grains">Calls the home silo.</param>
/// <param name="time">The clock.</param>
internal sealed class HomeAppendLane(IGrainFactory grains, TimeProvider time)
{
    // While the home silo commits the appends of one call, the appends of the other wait for their transaction there.
    private const int MaxCalls = 2;

    private const long Used = long.MinValue;

    /// <summary>Most bytes in one call, unless a single append has more. About 2,000 events of usual size.</summary>
    public const int MaxCallBytes = 1024 * 1024;

    /// <summary>Most bytes that wait.</summary>
    public const int MaxWaitingBytes = 4 * MaxCallBytes;

    private readonly Lock _lock = new();
    private readonly Queue<Waiting> _waiting = [];
    private long _waitingBytes;
    private int _calls;

    // Whether the home silo does not know StoreAll.
    private volatile bool _single;

    // When the home silo did not take an append, as a timestamp; Used if it takes them. Changed by atomic operations.
    private long _avoidedSince = Used;

    /// <summary>
    /// Whether an append failed because the home silo did not answer or cannot store anything now. Then the calling
    /// silo appends the events itself.
    /// </summary>
    public static bool IsUnanswered(Exception e) =>
        e is TimeoutException or OrleansException or EventLogUnavailableException || UnknownMethod.Is(e);

    /// <summary>
    /// Whether an append must not use the home silo. When the avoidance time ends, one append tries it. The others
    /// avoid it until that append succeeds.
    /// </summary>
    public bool IsAvoided()
    {
        var since = Volatile.Read(ref _avoidedSince);
        return since != Used
            && (time.GetElapsedTime(since) < Deadlines.HomeAvoidance
                || Interlocked.CompareExchange(ref _avoidedSince, time.GetTimestamp(), since) != since);
    }

    /// <summary>Avoids the home silo for <see cref="Deadlines.HomeAvoidance"/>.</summary>
    public void Avoid() => Volatile.Write(ref _avoidedSince, time.GetTimestamp());

    /// <summary>Uses the home silo again.</summary>
    public void Use()
    {
        // A write would cost every append a little, because several processors share the value.
        if (Volatile.Read(ref _avoidedSince) != Used)
        {
            Volatile.Write(ref _avoidedSince, Used);
        }
    }

    /// <summary>Appends on the home silo. Fails like <see cref="IHomeAppendGrain.Store"/>.</summary>
    public async Task<PublishedEvent[]> StoreAsync(string organizationId, OrderStatusEvent[] events)
    {
        var append = new Waiting(organizationId, events);
        if (_single || !TryEnter(append, out var isFirst))
        {
            return await StoreAloneAsync(append);
        }

        try
        {
            if (isFirst)
            {
                return await SendAsync([append]);
            }

            var turn = await append.Turn;
            return turn.Stored ?? await SendAsync(turn.ToSend!);
        }
        catch (Exception e) when (!isFirst && UnknownMethod.Is(e))
        {
            _single = true;
            return await StoreAloneAsync(append);
        }
    }

    /// <summary>Returns false at the bound. Otherwise the append is the first of its call, or it waits.</summary>
    private bool TryEnter(Waiting append, out bool isFirst)
    {
        lock (_lock)
        {
            isFirst = _calls < MaxCalls;
            if (isFirst)
            {
                _calls++;
                return true;
            }

            if (_waitingBytes + append.Bytes > MaxWaitingBytes)
            {
                return false;
            }

            _waiting.Enqueue(append);
            _waitingBytes += append.Bytes;
            return true;
        }
    }

    /// <summary>Makes a call for its first append, answers the others, and passes the turn on.</summary>
    private async Task<PublishedEvent[]> SendAsync(List<Waiting> appends)
    {
        HomeAppendAnswer[] answers;
        try
        {
            answers = appends.Count == 1
                ? [new HomeAppendAnswer(await StoreAloneAsync(appends[0]), Fault: null)]
                : await StoreAllAsync(appends);
        }
        catch (Exception e) when (IsUnanswered(e) || appends.Count > 1)
        {
            FailAll(e, appends);
            throw;
        }
        catch
        {
            // The home silo refused this append. That says nothing about the others.
            PassOn();
            throw;
        }

        PassOn();
        for (var i = 1; i < appends.Count; i++)
        {
            appends[i].Answer(answers[i]);
        }

        if (answers[0].Fault is { } fault)
        {
            ExceptionDispatchInfo.Throw(fault);
        }

        return answers[0].Stored!;
    }

    private Task<PublishedEvent[]> StoreAloneAsync(Waiting append)
    {
        EventTraces.Send();
        return grains.Find<IHomeAppendGrain>(append.OrganizationId).Store(append.Events);
    }

    // The grain of any of the organizations is on the home silo, and stores the events of all of them.
    private Task<HomeAppendAnswer[]> StoreAllAsync(List<Waiting> appends) =>
        grains.Find<IHomeAppendGrain>(appends[0].OrganizationId).StoreAll(
            [.. appends.Select(append => new HomeAppend(append.OrganizationId, append.Events, append.Trace))]);

    private void PassOn()
    {
        var next = new List<Waiting>();
        lock (_lock)
        {
            for (long bytes = 0; _waiting.TryPeek(out var append); next.Add(_waiting.Dequeue()))
            {
                bytes += append.Bytes;
                if (next.Count > 0 && bytes > MaxCallBytes)
                {
                    break;
                }

                _waitingBytes -= append.Bytes;
            }

            if (next.Count == 0)
            {
                _calls--;
                return;
            }
        }

        next[0].Lead(next);
    }

    /// <summary>Fails the other appends of a call and all waiting ones.</summary>
    private void FailAll(Exception e, List<Waiting> appends)
    {
        var failed = appends.Skip(1).ToList();
        lock (_lock)
        {
            failed.AddRange(_waiting);
            _waiting.Clear();
            _waitingBytes = 0;
            _calls--;
        }

        failed.ForEach(append => append.Fail(e));
    }

    /// <summary>An append, and its turn: either its answer, or the appends that it must send.</summary>
    private sealed class Waiting(string organizationId, OrderStatusEvent[] events)
    {
        private readonly TaskCompletionSource<(PublishedEvent[]? Stored, List<Waiting>? ToSend)> _turn =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string OrganizationId { get; } = organizationId;

        public OrderStatusEvent[] Events { get; } = events;

        /// <summary>The span of the append.</summary>
        public string? Trace { get; } = EventTraces.Current?.Id;

        public long Bytes { get; } = events.Sum(EventSize.Of);

        public Task<(PublishedEvent[]? Stored, List<Waiting>? ToSend)> Turn => _turn.Task;

        public void Lead(List<Waiting> appends) => _turn.TrySetResult((null, appends));

        public void Answer(HomeAppendAnswer answer)
        {
            if (answer.Fault is { } fault)
            {
                Fail(fault);
            }
            else
            {
                _turn.TrySetResult((answer.Stored, null));
            }
        }

        public void Fail(Exception e) => _turn.TrySetException(e);
    }
}
