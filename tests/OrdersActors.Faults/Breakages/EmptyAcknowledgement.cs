using OrdersActors.Faults.Totals;

namespace OrdersActors.Faults.Breakages;

/// <summary>Answers one append of fifty without making it.</summary>
internal sealed class EmptyAcknowledgement(int seed) : IIncomingGrainCallFilter
{
    private readonly Random _random = new(seed);

    public Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.InterfaceMethod.DeclaringType == typeof(IEventWriterGrain)
            && context.MethodName == nameof(IEventWriterGrain.Append) && Hits())
        {
            ServerTotals.Add($"faults.broken{{kind={nameof(Breakage.Acknowledge)}}}", 1);
            context.Result = null;
            return Task.CompletedTask;
        }

        return context.Invoke();
    }

    private bool Hits()
    {
        lock (_random)
        {
            return _random.Next(50) == 0;
        }
    }
}
