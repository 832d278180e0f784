namespace OrdersActors.Tests.Support;

/// <summary>A filter of outgoing grain calls that changes nothing.</summary>
internal sealed class NoFilter : IOutgoingGrainCallFilter
{
    public Task Invoke(IOutgoingGrainCallContext context) => context.Invoke();
}
