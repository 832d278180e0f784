using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using OrdersActors.FrontEnd.Subscriptions;

namespace OrdersActors.Faults.Breakages;

/// <summary>
/// Lets the hub's feeds heal from a replay grain that has nothing to say. Connections that catch up ask another, so what
/// clients resume from stays whole.
/// </summary>
internal sealed class DeafReplay : IOutgoingGrainCallFilter
{
    // Replay grains are stateless workers and all alike, so the key is free to say who asks.
    private const long Key = 404;

    public Task Invoke(IOutgoingGrainCallContext context)
    {
        if (context.MethodName == nameof(IReplayGrain.Read)
            && context.Request.GetInterfaceType() == typeof(IReplayGrain)
            && context.TargetId.GetIntegerKey() == Key)
        {
            context.Result = Array.Empty<EncodedOrderEvent>();
            return Task.CompletedTask;
        }

        return context.Invoke();
    }

    public static FeedHub CreateHub(IServiceProvider services)
    {
        var grains = DispatchProxy.Create<IGrainFactory, DeafGrains>();
        ((DeafGrains)(object)grains).Real = services.GetRequiredService<IGrainFactory>();
        return ActivatorUtilities.CreateInstance<FeedHub>(services, ActivatorUtilities.CreateInstance<FeedReader>(services, grains));
    }

    /// <summary>Grains as they are, but for the replay grain.</summary>
#pragma warning disable CA1852 // The proxy is a subtype, made at run time.
    internal class DeafGrains : DispatchProxy
#pragma warning restore CA1852
    {
        public IGrainFactory Real { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod!.ReturnType == typeof(IReplayGrain)
                ? Real.GetGrain<IReplayGrain>(Key)
                : targetMethod.Invoke(Real, args);
    }
}
