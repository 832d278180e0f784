using OrdersActors.Faults.Totals;

namespace OrdersActors.Faults.Breakages;

/// <summary>
/// Returns an empty result for every read of an order past its beginning, so that neither recovery nor resuming works.
/// Reads of organizations work, so that a client can still read the whole history. Reads of an order from its beginning
/// work, so that clients can start.
/// </summary>
internal sealed class DeafReplay : IOutgoingGrainCallFilter
{
    public Task Invoke(IOutgoingGrainCallContext context)
    {
        if (context.MethodName == nameof(IReplayGrain.Read)
            && context.Request.GetInterfaceType() == typeof(IReplayGrain)
            && context.Request.GetArgument(0) is FeedKey { IsOrganization: false }
            && context.Request.GetArgument(1) is > 0L)
        {
            ServerTotals.Add($"faults.broken{{kind={nameof(Breakage.Healing)}}}", 1);
            context.Result = Array.Empty<EncodedOrderEvent>();
            return Task.CompletedTask;
        }

        return context.Invoke();
    }
}
