using Orleans.Concurrency;

namespace OrdersActors.Grains.FrontEnds;

/// <summary>
/// Holds the leases of the front ends and passes operators' calls on to them. Reentrant, so that a front end that does
/// not answer delays no registration. Between two awaits its code runs on one thread at a time.
/// </summary>
[GrainType("front-ends")]
[Reentrant]
internal sealed class FrontEndsGrain(TimeProvider time) : Grain, IFrontEndsGrain
{
    private const int MostConnections = 1000;

    private readonly Dictionary<string, (IFrontEndObserver Observer, long RegisteredAt)> _leases = [];
    private readonly long _activatedAt = time.GetTimestamp();

    public Task Register(string name, IFrontEndObserver observer)
    {
        _leases[name] = (observer, time.GetTimestamp());
        return Task.CompletedTask;
    }

    public Task Unregister(string name)
    {
        _leases.Remove(name);
        return Task.CompletedTask;
    }

    public async Task<FrontEndAnswers> ListConnections(ConnectionFilter filter, int limit)
    {
        limit = Math.Clamp(limit, 1, MostConnections);
        var answers = await AskAllAsync(
            async (name, frontEnd) =>
                new FrontEndAnswer(name, await frontEnd.ListConnections(filter, limit), Closed: 0, Problem: null));
        return answers with { Answers = Cut(answers.Answers, limit) };
    }

    public Task<FrontEndAnswers> Disconnect(ConnectionFilter filter) => AskAllAsync(
        async (name, frontEnd) =>
            new FrontEndAnswer(name, Connections: null, await frontEnd.Disconnect(filter), Problem: null));

    public async Task<FrontEndSummaries> Summarize() => new(
        await AskAllAsync(
            async (name, frontEnd) => new NamedSummary(name, await frontEnd.Summarize(), Problem: null),
            (name, problem) => new NamedSummary(name, Summary: null, problem)),
        time.GetElapsedTime(_activatedAt));

    private async Task<FrontEndAnswers> AskAllAsync(Func<string, IFrontEndObserver, Task<FrontEndAnswer>> ask) => new(
        await AskAllAsync(ask, (name, problem) => new FrontEndAnswer(name, Connections: null, Closed: 0, problem)),
        time.GetElapsedTime(_activatedAt));

    private Task<T[]> AskAllAsync<T>(Func<string, IFrontEndObserver, Task<T>> ask, Func<string, string, T> fail)
    {
        DropExpired();
        return Task.WhenAll(
            _leases.OrderBy(lease => lease.Key, StringComparer.Ordinal)
                .Select(lease => AskAsync(lease.Key, lease.Value.Observer, ask, fail)).ToArray());
    }

    private static async Task<T> AskAsync<T>(
        string name, IFrontEndObserver observer, Func<string, IFrontEndObserver, Task<T>> ask,
        Func<string, string, T> fail)
    {
        try
        {
            return await ask(name, observer);
        }
        catch (Exception e) when (e is TimeoutException or OrleansException)
        {
            // The operator is told, and the other front ends' answers stay valid.
            return fail(name, e is TimeoutException ? "it did not answer in time" : "it cannot be reached");
        }
    }

    private void DropExpired()
    {
        foreach (var name in _leases
            .Where(lease => time.GetElapsedTime(lease.Value.RegisteredAt) > Deadlines.FrontEndLease)
            .Select(lease => lease.Key).ToArray())
        {
            _leases.Remove(name);
        }
    }

    /// <summary>Leaves at most so many connections in all, so that the answer fits into one message.</summary>
    private static FrontEndAnswer[] Cut(FrontEndAnswer[] answers, int limit) => Array.ConvertAll(answers, answer =>
    {
        if (answer.Connections is not { } list)
        {
            return answer;
        }

        var kept = list.Connections.Length <= limit ? list.Connections : list.Connections[..limit];
        limit -= kept.Length;
        return answer with { Connections = list with { Connections = kept } };
    });
}
