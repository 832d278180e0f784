using OrdersActors.Faults.Totals;

namespace OrdersActors.Faults.Breakages;

/// <summary>
/// Answers with nothing whoever reads on in an order, be it to heal or to catch up. Organizations can be read, so the whole
/// history can still be looked at from outside; so can an order from its beginning, so that clients can begin.
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
