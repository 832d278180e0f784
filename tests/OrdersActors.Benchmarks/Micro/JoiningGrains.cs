using System.Reflection;

namespace OrdersActors.Benchmarks.Micro;

/// <summary>Grains that confirm every subscription to an order without events, without a cluster.</summary>
internal class JoiningGrains : DispatchProxy
{
    private static readonly TimeSpan Lease = TimeSpan.FromHours(1);

    public static IGrainFactory Create() => Create<IGrainFactory, JoiningGrains>();

    protected override object? Invoke(MethodInfo? method, object?[]? args) => method!.Name switch
    {
        // An observer is its own reference.
        nameof(IGrainFactory.CreateObjectReference) => args![0],
        nameof(IGrainFactory.GetGrain) => Create(method.GetGenericArguments()[0], typeof(JoiningGrains)),
        nameof(IOrderFeedGrain.Subscribe) =>
            Task.FromResult(new FeedSubscription(true, 0, Lease, SampleEvents.Epoch)),
        nameof(IReplayGrain.GetBounds) => Task.FromResult<FeedBounds?>(new FeedBounds(1, 0, SampleEvents.Epoch)),
        _ => throw new NotSupportedException($"{method}"),
    };
}
