using Microsoft.Extensions.Logging.Abstractions;
using OrdersActors.Server.Commands.Output;
using OrdersActors.Server.Commands.Transfer;
using OrdersActors.Server.Hosting;
using OrdersActors.Storage;
using OrdersActors.Storage.Sqlite;
using OrdersActors.Storage.Transfer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Commands.Transfer;

/// <summary>What an import does on every storage. The exports come from SQLite.</summary>
public abstract class OrganizationImportContract : IDisposable
{
    protected const string Organization = "acme";
    private const int Events = 2_500;

    private readonly TempFolder _folder = new();

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string File => Path.Combine(_folder.Path, "export.jsonl");

    [Fact]
    public async Task Interrupted_import_continues_and_ends_with_the_same_numbers()
    {
        var events = await ExportAsync(Events);
        await using (var target = await OpenTargetAsync())
        {
            await Assert.ThrowsAsync<IOException>(() => ImportAsync(new InterruptedTarget(target, batches: 1)));
            Assert.Equal(new OrganizationHead(Events, Events + 1), await target.FindAsync(Cancelled));
        }

        await using (var target = await OpenTargetAsync())
        {
            var result = await ImportAsync(target);
            Assert.Equal((1_500L, 1_000L), (result.EventsAdded, result.EventsKnown));
        }

        await ExpectAsync(events, new OrganizationHead(Events, 1));
        await using (var target = await OpenTargetAsync())
        {
            Assert.Equal(0, (await ImportAsync(target)).EventsAdded);
        }
    }

    [Fact]
    public async Task Next_events_get_the_next_numbers()
    {
        await ExportAsync(10);
        await using (var target = await OpenTargetAsync())
        {
            await ImportAsync(target);
        }

        await using var log = await OpenLogAsync();
        var stored = await log.Log.AppendAsync(Organization, [New("o-1", "next"), New("new", "next")], Cancelled);
        Assert.Equal([(11L, 6L), (12L, 1L)], stored.Select(e => (e.Sequence, e.Version)));
        // An event of the import is known under its id.
        var repeat = await log.Log.AppendAsync(Organization, [New("o-1", "s-1") with { Id = "event-1" }], Cancelled);
        Assert.True(repeat.IsRepeat(0));
    }

    [Fact]
    public async Task Imported_events_count_as_delivered()
    {
        await ExportAsync(10);
        await using (var target = await OpenTargetAsync())
        {
            await ImportAsync(target);
        }

        await using var log = await OpenLogAsync();
        var partition = log.Log.PartitionOf(Organization);
        var checkpoint = await log.Log.GetCheckpointAsync(partition, Cancelled);
        Assert.True(checkpoint > 0);
        Assert.Empty(await log.Log.ReadPartitionAsync(partition, checkpoint, 10, Cancelled));
    }

    [Fact]
    public async Task Removed_events_stay_removed_and_their_numbers_stay_used()
    {
        // The newest three events of the organization are kept, and the newest event of each order.
        var events = await ExportAsync(10, new RetentionLimits(TimeSpan.FromDays(1), 3, 1, TimeSpan.FromMinutes(1)));
        await using (var target = await OpenTargetAsync())
        {
            await ImportAsync(target);
        }

        await ExpectAsync(events, new OrganizationHead(10, 8));
        await using var log = await OpenLogAsync();
        Assert.Equal(
            new OrderHead(1, 1), await log.Log.GetOrderHeadAsync(Organization, "once", Cancelled));
    }

    [Fact]
    public async Task Order_that_differs_is_a_conflict_before_anything_is_changed()
    {
        await ExportAsync(4);
        await using (var log = await OpenLogAsync())
        {
            await log.Log.AppendAsync(
                Organization, [.. Enumerable.Range(0, 5).Select(i => New("o-0", $"s-{i}") with { Id = $"other-{i}" })],
                Cancelled);
        }

        await using var target = await OpenTargetAsync();
        var conflict = await Assert.ThrowsAsync<StartupException>(() => ImportAsync(target));
        Assert.Contains("other-0", conflict.Message, StringComparison.Ordinal);
        Assert.Equal(new OrganizationHead(5, 1), await target.FindAsync(Cancelled));
        Assert.Null(await target.FindOrderAsync("o-1", Cancelled));
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _folder.Dispose();
    }

    /// <summary>Opens the storage for an import. It is new in each test, and the same in all calls of a test.</summary>
    protected abstract Task<IOrganizationTarget> OpenTargetAsync();

    /// <summary>Opens the same storage as a log.</summary>
    protected abstract Task<OpenLog> OpenLogAsync();

    private static OrderStatusEvent New(string order, string status) => new() { OrderId = order, Status = status };

    private async Task<ImportResult> ImportAsync(IOrganizationTarget target)
    {
        var file = new ExportFile(File);
        var header = await file.VerifyAsync(new CommandProgress("events", TimeProvider.System), Cancelled);
        return await new OrganizationImport(file, target).RunAsync(
            header, new CommandProgress("events", TimeProvider.System), Cancelled);
    }

    /// <summary>Makes an export. Returns the events that it has, without their epoch.</summary>
    private async Task<IReadOnlyList<OrderEvent>> ExportAsync(int count, RetentionLimits? limits = null)
    {
        var options = new SqliteStorageOptions
        {
            DataDirectory = Path.Combine(_folder.Path, "source"),
            FullDurability = false,
        };
        await using (var log = SqliteEventLog.Open(
            options, TimeProvider.System, NullLogger<SqliteEventLog>.Instance))
        {
            var events = Enumerable.Range(0, count).Select(i => new OrderStatusEvent
            {
                Id = $"event-{i}",
                // With limits, the first order has one event, which only the order keeps.
                OrderId = limits is not null && i == 0 ? "once" : $"o-{i % 2}",
                Status = $"s-{i}",
                Details = i % 3 == 0 ? $$"""{"n":{{i}}}""" : null,
            }).ToArray();
            foreach (var batch in events.Chunk(500))
            {
                await log.AppendAsync(Organization, batch, Cancelled);
            }

            await log.AppendAsync("other", [New("o-0", "created")], Cancelled);
            if (limits is not null)
            {
                for (var partition = 0; partition < log.PartitionCount; partition++)
                {
                    await log.SaveCheckpointAsync(partition, count, log.Epoch, Cancelled);
                }

                while ((await log.TrimAsync(limits, Cancelled)).IsMore)
                {
                }
            }
        }

        await using var source = SqliteOrganizationSource.Open(options, Organization);
        await using var file = new FileStream(File, FileMode.CreateNew);
        using var writer = new ExportWriter(file);
        await writer.WriteAsync(
            Organization, source, new CommandProgress("events", TimeProvider.System), TimeProvider.System, Cancelled);
        return await source.ReadEventsAsync(Cancelled).Select(e => e with { Epoch = null }).ToArrayAsync(Cancelled);
    }

    private async Task ExpectAsync(IReadOnlyList<OrderEvent> events, OrganizationHead head)
    {
        await using (var target = await OpenTargetAsync())
        {
            Assert.Equal(head, await target.FindAsync(Cancelled));
            var stored = await target.ReadAsync(0, Events + 1, Cancelled);
            Assert.Equal(events, stored.Select(e => e with { Epoch = null }));
        }

        await using var log = await OpenLogAsync();
        var feed = await log.Log.ReadOrganizationAsync(Organization, 0, 1, Cancelled);
        Assert.Equal(head.Earliest, Assert.Single(feed).Sequence);
    }

    /// <summary>A log and what owns it.</summary>
    protected sealed record OpenLog(IEventLog Log) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => ((IAsyncDisposable)Log).DisposeAsync();
    }

    /// <summary>Fails after some batches.</summary>
    private sealed class InterruptedTarget(IOrganizationTarget target, int batches) : IOrganizationTarget
    {
        private int _left = batches;

        public string Location => target.Location;

        public Task<OrganizationHead?> FindAsync(CancellationToken cancellationToken) =>
            target.FindAsync(cancellationToken);

        public Task<long?> FindOrderAsync(string orderId, CancellationToken cancellationToken) =>
            target.FindOrderAsync(orderId, cancellationToken);

        public Task<IReadOnlyList<OrderEvent>> ReadAsync(
            long after, int limit, CancellationToken cancellationToken) =>
            target.ReadAsync(after, limit, cancellationToken);

        public Task BeginAsync(
            long sequence, IAsyncEnumerable<KnownOrder> orders, CancellationToken cancellationToken) =>
            target.BeginAsync(sequence, orders, cancellationToken);

        public Task AddAsync(IReadOnlyList<OrderEvent> events, CancellationToken cancellationToken) =>
            _left-- > 0 ? target.AddAsync(events, cancellationToken) : throw new IOException("interrupted");

        public Task FinishAsync(OrganizationHead head, CancellationToken cancellationToken) =>
            target.FinishAsync(head, cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
