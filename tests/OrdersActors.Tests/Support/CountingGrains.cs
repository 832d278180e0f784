using System.Reflection;

namespace OrdersActors.Tests.Support;

/// <summary>A grain factory that counts the requests for grains.</summary>
public class CountingGrains : DispatchProxy
{
    private IGrainFactory _inner = null!;
    private int _count;

    public int Count => _count;

    /// <summary>The number of requests for the grain that reads the log.</summary>
    public int Replays { get; private set; }

    public static IGrainFactory Create(IGrainFactory inner, out CountingGrains counter)
    {
        var grains = Create<IGrainFactory, CountingGrains>();
        counter = (CountingGrains)grains;
        counter._inner = inner;
        return grains;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        Interlocked.Increment(ref _count);
        Replays += targetMethod!.IsGenericMethod && targetMethod.GetGenericArguments()[0] == typeof(IReplayGrain)
            ? 1 : 0;
        return targetMethod!.Invoke(_inner, args);
    }
}
