using System.Reflection;
using OrdersActors.Storage;

namespace OrdersActors.Tests.Support;

/// <summary>
/// A log whose calls the test handles itself. It has eight partitions, and an organization named by a number is in the
/// partition of that number.
/// </summary>
public class FakeLog : DispatchProxy
{
    public const int PartitionCount = 8;

    private Func<string, object?[], object?> _handle = null!;

    /// <param name="handle">Handles a call, given the method's name and arguments.</param>
    public static IEventLog Create(Func<string, object?[], object?> handle)
    {
        var log = Create<IEventLog, FakeLog>();
        ((FakeLog)log)._handle = handle;
        return log;
    }

    public static IEventLog Create() =>
        Create((method, _) => throw new NotSupportedException($"the test expects no call of {method}"));

    /// <summary>An event as the log stores it.</summary>
    public static OrderEvent Event(long number, string organizationId = "shop", string? details = null) => new()
    {
        OrganizationId = organizationId,
        OrderId = "o-1",
        Version = number,
        Sequence = number,
        Id = $"e-{number}",
        Status = "s",
        OccurredAt = DateTimeOffset.UnixEpoch,
        Details = details,
    };

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
    {
        "get_PartitionCount" => PartitionCount,
        nameof(IEventLog.PartitionOf) => int.TryParse((string)args![0]!, out var number) ? number % PartitionCount : 0,
        var method => _handle(method, args ?? []),
    };
}
