using Microsoft.Extensions.Time.Testing;
using OrdersActors.Storage;

namespace OrdersActors.Tests.Storage.EventLog;

/// <summary>
/// The base of the requirements for every event log. Each theme has a class that derives from this. For each storage a
/// class derives from the theme and passes the storage's harness.
/// </summary>
public abstract class EventLogContract(EventLogHarness harness) : IAsyncLifetime
{
    protected static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    protected static readonly RetentionLimits Limits = new(TimeSpan.FromDays(30), 10, 3, TimeSpan.FromMinutes(1));

    private IEventLog? _log;

    protected IEventLog Log => _log!;

    /// <summary>The log's clock.</summary>
    protected FakeTimeProvider Time => harness.Time;

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await harness.DisposeAsync();
    }

    protected async Task OpenAsync() => _log = await harness.OpenAsync();

    protected ValueTask CloseAsync() => harness.CloseAsync();

    protected async Task ReopenAsync()
    {
        await CloseAsync();
        await OpenAsync();
    }

    protected static OrderStatusEvent Event(string order, string id, string status) =>
        new() { OrderId = order, Id = id, Status = status };

    protected async Task<AppendedEvents> AppendAsync(string organization, params string[] orders) =>
        await Log.AppendAsync(
            organization, [.. orders.Select(order => new OrderStatusEvent { OrderId = order, Status = "s" })],
            Cancelled);

    protected async Task TrimAsync(RetentionLimits limits)
    {
        while ((await Log.TrimAsync(limits, Cancelled)).IsMore)
        {
        }
    }

    /// <summary>Saves checkpoints so that all events count as delivered.</summary>
    protected async Task DeliverAsync()
    {
        for (var partition = 0; partition < Log.PartitionCount; partition++)
        {
            var checkpoint = await Log.GetCheckpointAsync(partition, Cancelled);
            while (await Log.ReadPartitionAsync(partition, checkpoint, 1000, Cancelled) is [.., var last])
            {
                checkpoint = last.Position;
            }

            await Log.SaveCheckpointAsync(partition, checkpoint, Log.Epoch, Cancelled);
        }
    }

    /// <summary>The number of kept events.</summary>
    protected async Task<int> CountAsync()
    {
        var count = 0;
        for (var partition = 0; partition < Log.PartitionCount; partition++)
        {
            var position = 0L;
            while (await Log.ReadPartitionAsync(partition, position, 1000, Cancelled) is { Count: > 0 } page)
            {
                count += page.Count;
                position = page[^1].Position;
            }
        }

        return count;
    }
}
