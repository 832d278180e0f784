using OrdersActors.Storage;

namespace OrdersActors.Tests.Support;

/// <summary>
/// A real log whose reads a test can hold, and whose history a test can replace, as a restore or a failover does.
/// </summary>
/// <remarks>Stamps every result with the epoch from before the read, as a log must.</remarks>
public sealed class TestLog(IEventLog log) : IEventLog
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile IEventLog _log = log;
    private volatile string _epoch = "epoch-1";
    private int _epochs = 1;
    private int _reads;

    public string Epoch => _epoch;

    public int PartitionCount => _log.PartitionCount;

    /// <summary>The number of reads of heads and pages that have begun.</summary>
    public int Reads => Volatile.Read(ref _reads);

    /// <summary>Called with the method's name before a head or a page of a feed is read.</summary>
    public Func<string, Task>? BeforeRead { get; set; }

    /// <summary>Called with the method's name after the read and before its result is returned.</summary>
    public Func<string, Task>? AfterRead { get; set; }

    /// <summary>
    /// Releases the reads that a failed test still holds. Otherwise the silo never stops.
    /// </summary>
    public void ReleaseReads() => _released.TrySetResult();

    /// <summary>Replaces the store. Nobody has noticed yet.</summary>
    public void Replace(IEventLog log) => _log = log;

    public Task<string> BeginEpochAsync(string ended, string reason, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            if (_epoch == ended)
            {
                _epoch = $"epoch-{++_epochs}";
            }

            return Task.FromResult(_epoch);
        }
    }

    public int PartitionOf(string organizationId) => _log.PartitionOf(organizationId);

    public async Task<AppendedEvents> AppendAsync(
        string organizationId, IReadOnlyList<OrderStatusEvent> events, CancellationToken cancellationToken = default)
    {
        var epoch = _epoch;
        return (await _log.AppendAsync(organizationId, events, cancellationToken))
            .ConvertAll(e => e with { Epoch = epoch });
    }

    public Task<OrderHead?> GetOrderHeadAsync(
        string organizationId, string orderId, CancellationToken cancellationToken = default) =>
        ReadAsync(nameof(GetOrderHeadAsync), () => _log.GetOrderHeadAsync(organizationId, orderId, cancellationToken));

    public Task<OrganizationHead> GetOrganizationHeadAsync(string organizationId,
        CancellationToken cancellationToken = default) =>
        ReadAsync(nameof(GetOrganizationHeadAsync), () => _log.GetOrganizationHeadAsync(organizationId,
            cancellationToken));

    public Task<OrderEvent?> FindAsync(string organizationId, string eventId,
        CancellationToken cancellationToken = default) =>
        _log.FindAsync(organizationId, eventId, cancellationToken);

    public async Task<IReadOnlyList<OrderEvent>> ReadOrderAsync(
        string organizationId, string orderId, long afterVersion, int limit,
            CancellationToken cancellationToken = default)
    {
        var epoch = _epoch;
        return Stamp(await ReadAsync(
            nameof(ReadOrderAsync), () => _log.ReadOrderAsync(organizationId, orderId, afterVersion, limit,
                cancellationToken)), epoch);
    }

    public async Task<IReadOnlyList<OrderEvent>> ReadOrganizationAsync(
        string organizationId, long afterSequence, int limit, CancellationToken cancellationToken = default)
    {
        var epoch = _epoch;
        return Stamp(await ReadAsync(
            nameof(ReadOrganizationAsync), () => _log.ReadOrganizationAsync(organizationId, afterSequence, limit,
                cancellationToken)), epoch);
    }

    public async Task<IReadOnlyList<PartitionEntry>> ReadPartitionAsync(
        int partition, long afterPosition, int limit, CancellationToken cancellationToken = default)
    {
        var epoch = _epoch;
        var entries = await _log.ReadPartitionAsync(partition, afterPosition, limit, cancellationToken);
        return [.. entries.Select(entry => entry with { Event = entry.Event with { Epoch = epoch } })];
    }

    public Task WaitForEventsAsync(int partition, long afterPosition, CancellationToken cancellationToken) =>
        _log.WaitForEventsAsync(partition, afterPosition, cancellationToken);

    public Task<PartitionState> GetStateAsync(int partition, CancellationToken cancellationToken = default) =>
        _log.GetStateAsync(partition, cancellationToken);

    public Task<long> GetCheckpointAsync(int partition, CancellationToken cancellationToken = default) =>
        _log.GetCheckpointAsync(partition, cancellationToken);

    public Task SaveCheckpointAsync(int partition, long position, string epoch,
        CancellationToken cancellationToken = default) =>
        epoch == _epoch ? _log.SaveCheckpointAsync(partition, position, _log.Epoch,
            cancellationToken) : Task.CompletedTask;

    public Task<TrimResult> TrimAsync(RetentionLimits limits, CancellationToken cancellationToken = default) =>
        _log.TrimAsync(limits, cancellationToken);

    private async Task<T> ReadAsync<T>(string method, Func<Task<T>> read)
    {
        Interlocked.Increment(ref _reads);
        await HoldAsync(BeforeRead?.Invoke(method));
        var answer = await read();
        await HoldAsync(AfterRead?.Invoke(method));
        return answer;
    }

    private async Task HoldAsync(Task? held) => await await Task.WhenAny(held ?? Task.CompletedTask, _released.Task);

    private static IReadOnlyList<OrderEvent> Stamp(IReadOnlyList<OrderEvent> events, string epoch) =>
        [.. events.Select(e => e with { Epoch = epoch })];
}
