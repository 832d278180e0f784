using OrdersActors.Faults.Totals;

namespace OrdersActors.Faults.Breakages;

/// <summary>
/// Answers every fiftieth append without storing it. The first appends are stored, because they create the orders that
/// clients subscribe to.
/// </summary>
internal sealed class EmptyAcknowledgement : IIncomingGrainCallFilter
{
    private int _appends;

    public Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.InterfaceMethod.DeclaringType == typeof(IEventWriterGrain)
            && context.MethodName is nameof(IEventWriterGrain.Append) or nameof(IEventWriterGrain.Store)
            && Interlocked.Increment(ref _appends) % 50 == 0)
        {
            ServerTotals.Add($"faults.broken{{kind={nameof(Breakage.Acknowledge)}}}", 1);
            context.Result = context.MethodName == nameof(IEventWriterGrain.Store)
                ? Array.ConvertAll(
                    (OrderStatusEvent[])context.Request.GetArgument(1)!, e => new PublishedEvent(e.Id, 1, 1, false))
                : null;
            return Task.CompletedTask;
        }

        return context.Invoke();
    }
}
