using OrdersActors.Grains.Feeds;

namespace OrdersActors.Faults.Hops;

/// <summary>
/// Faults on the three hops that are grain calls, injected on the sender's side. They include calls of observers and of
/// the stream's consumer extension.
/// </summary>
internal sealed class GrainCallFaults(FaultDice dice) : IOutgoingGrainCallFilter
{
    // The interface of Orleans' stream consumers is internal.
    private const string StreamConsumer = "Orleans.Streams.IStreamConsumerExtension";

    private readonly HeldCalls _held = new();

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        if (RepeatedCall.IsRunning || HopOf(context) is not { } hop)
        {
            await context.Invoke();
            return;
        }

        // Captured before the call, because a receiver in the same process clears the arguments at the end of the call.
        var call = new RepeatedCall(context);
        switch (dice.Roll(hop))
        {
            case Fault.Drop:
                Pretend(context);
                return;
            case Fault.Reorder when _held.TryHold(call):
                Pretend(context);
                return;
            case Fault.Duplicate:
                await context.Invoke();
                await call.RunAsync();
                break;
            default:
                await context.Invoke();
                break;
        }

        await _held.ReleaseAsync(call.Target);
    }

    private static Hop? HopOf(IOutgoingGrainCallContext context) => context.MethodName switch
    {
        "DeliverBatch" when context.Request.GetInterfaceType().FullName == StreamConsumer => Hop.AgentToOrganization,
        nameof(IOrderDelivery.Deliver)
            when context.Request.GetInterfaceType() == typeof(IOrderDelivery) => Hop.OrganizationToOrder,
        nameof(IOrderEventObserver.OnEvents) or nameof(IOrderEventObserver.OnFeedEvents)
            when context.Request.GetInterfaceType() == typeof(IOrderEventObserver) => Hop.GrainToFrontEnd,
        _ => null,
    };

    // Most of these calls return no result. For the stream, null means that the batch was accepted. For a notification
    // of several feeds, an empty result means that all were notified.
    private static void Pretend(IOutgoingGrainCallContext context) =>
        context.Result = context.MethodName == nameof(IOrderEventObserver.OnFeedEvents) ? Array.Empty<int>() : null;
}
