using System.Reflection;

namespace OrdersActors.Faults.Hops;

/// <summary>
/// A grain call that can be made again, later or from another thread. It is not subject to faults itself.
/// </summary>
internal sealed class RepeatedCall
{
    private static readonly AsyncLocal<bool> Running = new();

    private readonly object _grain;
    private readonly MethodInfo _method;
    private readonly object?[] _arguments;

    public RepeatedCall(IOutgoingGrainCallContext context)
    {
        _grain = context.Grain;
        _method = context.Request.GetMethod();
        _arguments = [.. Enumerable.Range(0, context.Request.GetArgumentCount()).Select(context.Request.GetArgument)];
        // A front end counts as a separate receiver for each of its feeds.
        Target = (context.TargetId, _arguments.OfType<FeedKey>().FirstOrDefault(), _method.Name);
    }

    /// <summary>Whether the current flow of control is making such a call.</summary>
    public static bool IsRunning => Running.Value;

    /// <summary>The receiver; deliveries to the same receiver have an order.</summary>
    public (GrainId Grain, FeedKey Feed, string Method) Target { get; }

    /// <summary>Makes the call. A failure is not reported to the sender.</summary>
    public async Task RunAsync()
    {
        Running.Value = true;
        try
        {
            await (Task)_method.Invoke(_grain, _arguments)!;
        }
        catch (Exception e)
        {
            Console.WriteLine($"faults: a repeated or late {_method.Name} failed: {e.Message}");
        }
        finally
        {
            Running.Value = false;
        }
    }
}
