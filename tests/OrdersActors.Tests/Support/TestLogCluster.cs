using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using OrdersActors.Storage;
using OrdersActors.Storage.Sqlite;
using OrdersActors.Streaming;

namespace OrdersActors.Tests.Support;

/// <summary>A cluster with a log whose history a test can rewrite and whose reads a test can hold.</summary>
public class TestLogCluster : OrderCluster, IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly List<SqliteEventLog> _restored = [];
    private TestLog? _testLog;

    /// <summary>The log as the silos see it.</summary>
    public TestLog TestLog => _testLog!;

    /// <summary>
    /// Restores the store with only the first events of one organization, and without any other organization.
    /// </summary>
    public async Task RestoreAsync(string organizationId, int count)
    {
        var kept = await TestLog.ReadOrganizationAsync(organizationId, 0, Math.Max(1, count));
        var log = SqliteEventLog.Open(
            new SqliteStorageOptions
            {
                DataDirectory = Path.Combine(_folder.Path, $"{_restored.Count}"),
                FullDurability = false
            },
            TimeProvider.System, NullLogger<SqliteEventLog>.Instance);
        _restored.Add(log);
        if (count == 0)
        {
            TestLog.Replace(log);
            return;
        }

        await log.AppendAsync(organizationId, [.. kept.Select(e => new OrderStatusEvent
        {
            Id = e.Id, OrderId = e.OrderId, Status = e.Status, OccurredAt = e.OccurredAt, Details = e.Details,
        })]);
        TestLog.Replace(log);
    }

    public async Task PublishAsync(string organizationId, string orderId, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await TestLog.AppendAsync(organizationId, [new OrderStatusEvent { OrderId = orderId, Status = "s" }]);
        }
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        GC.SuppressFinalize(this);
        TestLog.ReleaseReads();
        await base.DisposeAsync();
        foreach (var log in _restored)
        {
            await log.DisposeAsync();
        }

        _folder.Dispose();
    }

    // Both silos see the same log. They are configured at the same time.
    protected override IEventLog Decorate(IEventLog log) =>
        LazyInitializer.EnsureInitialized(ref _testLog, () => new TestLog(log));

    // A wait for news of the replaced store ends after this time.
    protected override void Configure(ISiloBuilder silo) =>
        silo.Services.Configure<OrderStreamOptions>(options => options.LongPoll = TimeSpan.FromMilliseconds(100));
}
