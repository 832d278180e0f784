using System.Reflection;
using OrdersActors.Storage;

namespace OrdersActors.Tests.Support;

/// <summary>A cluster whose silos lose access to the log when the test requires it.</summary>
public sealed class FaultyOrderCluster : OrderCluster
{
    /// <summary>While true, every call of a silo to the log fails, as if the database were unavailable.</summary>
    public bool LogIsAway { get; set; }

    /// <summary>The number of next appends that are stored but answered with an error.</summary>
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
            throw new EventLogUnavailableException("the event log is unavailable: simulated by the test");
        }

        var answer = method.Invoke(log, BindingFlags.DoNotWrapExceptions, binder: null, args, culture: null);
        return answer is Task<AppendedEvents> appended ? LoseAsync(appended) : answer;
    }

    private async Task<AppendedEvents> LoseAsync(Task<AppendedEvents> appended)
    {
        var stored = await appended;
        if (LoseAnswers > 0)
        {
            LoseAnswers--;
            throw new TimeoutException("the test drops the answer");
        }

        return stored;
    }

    /// <summary>A log whose calls are handled by the cluster.</summary>
    public class FaultyLog : DispatchProxy
    {
        public Func<MethodInfo, object?[]?, object?>? Invoked { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Invoked!(targetMethod!, args);
    }
}
