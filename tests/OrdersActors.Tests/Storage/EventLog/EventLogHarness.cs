using Microsoft.Extensions.Time.Testing;
using OrdersActors.Storage;

namespace OrdersActors.Tests.Storage.EventLog;

/// <summary>Opens the log of one test in one kind of storage.</summary>
public abstract class EventLogHarness : IAsyncDisposable
{
    /// <summary>The log's clock.</summary>
    public FakeTimeProvider Time { get; } = new();

    /// <summary>Opens the test's log: a new one at first, and the same one after it was closed.</summary>
    public abstract Task<IEventLog> OpenAsync();

    public abstract ValueTask CloseAsync();

    /// <summary>Closes the log and removes its storage.</summary>
    public abstract ValueTask DisposeAsync();
}
