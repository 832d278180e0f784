using OrdersActors.Grains.Feeds;

namespace OrdersActors.Faults.Hops;

/// <summary>
/// The hops that are calls between grains: on the sender's side, which sees all three of them, calls of observers and of the
/// stream's consumer extension among them.
/// </summary>
internal sealed class GrainCallFaults(FaultDice dice) : IOutgoingGrainCallFilter
{
    // Orleans keeps the interface of its stream consumers to itself.
    private const string StreamConsumer = "Orleans.Streams.IStreamConsumerExtension";

    private readonly HeldCalls _held = new();

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        if (RepeatedCall.IsRunning || HopOf(context) is not { } hop)
        {
            await context.Invoke();
            return;
        }

        // Before the call is made, because a receiver in the same process clears the arguments when it is done.
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
        nameof(IOrderDelivery.Deliver) when context.Request.GetInterfaceType() == typeof(IOrderDelivery) => Hop.OrganizationToOrder,
        nameof(IOrderEventObserver.OnEvents) when context.Request.GetInterfaceType() == typeof(IOrderEventObserver) => Hop.GrainToFrontEnd,
        _ => null,
    };

    // None of these calls is answered with anything; for the stream's, nothing means that it was taken.
    private static void Pretend(IOutgoingGrainCallContext context) => context.Result = null;
}
