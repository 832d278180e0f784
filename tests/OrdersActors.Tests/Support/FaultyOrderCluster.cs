using System.Reflection;
using OrdersActors.Storage;

namespace OrdersActors.Tests.Support;

/// <summary>A cluster whose silos lose sight of the log when the test says so.</summary>
public sealed class FaultyOrderCluster : OrderCluster
{
    /// <summary>While true, every call of a silo to the log fails as it does when the database is away.</summary>
    public bool LogIsAway { get; set; }

    /// <summary>How many of the next appends are stored and then answered as if they had failed.</summary>
    public int LoseAnswers { get; set; }

    protected override IEventLog Decorate(IEventLog log)
    {
        var faulty = DispatchProxy.Create<IEventLog, FaultyLog>();
        ((FaultyLog)faulty).Invoked = (method, args) => Invoke(log, method, args);
        return faulty;
    }

    private object? Invoke(IEventLog log, MethodInfo method, object?[]? args)
    {
        if (LogIsAway && method.ReturnType.IsAssignableTo(typeof(Task)))
        {
            throw new EventLogUnavailableException("the event log is unavailable: the test says so");
        }

        var answer = method.Invoke(log, BindingFlags.DoNotWrapExceptions, binder: null, args, culture: null);
        return answer is Task<IReadOnlyList<OrderEvent>> appended && method.Name == nameof(IEventLog.AppendAsync)
            ? LoseAsync(appended)
            : answer;
    }

    private async Task<IReadOnlyList<OrderEvent>> LoseAsync(Task<IReadOnlyList<OrderEvent>> appended)
    {
        var stored = await appended;
        if (LoseAnswers > 0)
        {
            LoseAnswers--;
            throw new TimeoutException("the answer is lost: the test says so");
        }

        return stored;
    }

    /// <summary>A log of which every call is made by the cluster.</summary>
    public class FaultyLog : DispatchProxy
    {
        public Func<MethodInfo, object?[]?, object?>? Invoked { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Invoked!(targetMethod!, args);
    }
}
