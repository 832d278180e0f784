using OrdersActors.Storage;

namespace OrdersActors.Faults.Breakages;

/// <summary>A log that reports the same epoch even if its history is rewritten.</summary>
internal sealed class OneEpochLog(IEventLog log) : IEventLog
{
    public string Epoch => "one";

    public int PartitionCount => log.PartitionCount;

    public Task<string> BeginEpochAsync(string ended, string reason, CancellationToken cancellationToken) =>
        Task.FromResult(Epoch);

    public int PartitionOf(string organizationId) => log.PartitionOf(organizationId);

    public async Task<AppendedEvents> AppendAsync(
        string organizationId, IReadOnlyList<OrderStatusEvent> events, CancellationToken cancellationToken) =>
        (await log.AppendAsync(organizationId, events, cancellationToken)).ConvertAll(e => e with { Epoch = Epoch });

    public Task<OrderHead?> GetOrderHeadAsync(
        string organizationId, string orderId, CancellationToken cancellationToken) =>
        log.GetOrderHeadAsync(organizationId, orderId, cancellationToken);

    public Task<OrganizationHead> GetOrganizationHeadAsync(
        string organizationId, CancellationToken cancellationToken) =>
        log.GetOrganizationHeadAsync(organizationId, cancellationToken);

    public async Task<OrderEvent?> FindAsync(
        string organizationId, string eventId, CancellationToken cancellationToken) =>
        await log.FindAsync(organizationId, eventId, cancellationToken) is { } found
            ? found with { Epoch = Epoch }
            : null;

    public async Task<IReadOnlyList<OrderEvent>> ReadOrderAsync(
        string organizationId, string orderId, long afterVersion, int limit, CancellationToken cancellationToken) =>
        Mark(await log.ReadOrderAsync(organizationId, orderId, afterVersion, limit, cancellationToken));

    public async Task<IReadOnlyList<OrderEvent>> ReadOrganizationAsync(
        string organizationId, long afterSequence, int limit, CancellationToken cancellationToken) =>
        Mark(await log.ReadOrganizationAsync(organizationId, afterSequence, limit, cancellationToken));

    public async Task<IReadOnlyList<PartitionEntry>> ReadPartitionAsync(
        int partition, long afterPosition, int limit, CancellationToken cancellationToken) =>
        [
            .. (await log.ReadPartitionAsync(partition, afterPosition, limit, cancellationToken))
                .Select(entry => entry with { Event = entry.Event with { Epoch = Epoch } }),
        ];

    public Task WaitForEventsAsync(int partition, long afterPosition, CancellationToken cancellationToken) =>
        log.WaitForEventsAsync(partition, afterPosition, cancellationToken);

    public Task<PartitionState> GetStateAsync(int partition, CancellationToken cancellationToken) =>
        log.GetStateAsync(partition, cancellationToken);

    public Task<long> GetCheckpointAsync(int partition, CancellationToken cancellationToken) =>
        log.GetCheckpointAsync(partition, cancellationToken);

    public Task SaveCheckpointAsync(int partition, long position, string epoch, CancellationToken cancellationToken) =>
        log.SaveCheckpointAsync(partition, position, log.Epoch, cancellationToken);

    public Task<TrimResult> TrimAsync(RetentionLimits limits, CancellationToken cancellationToken) =>
        log.TrimAsync(limits, cancellationToken);

    private OrderEvent[] Mark(IReadOnlyList<OrderEvent> events) => [.. events.Select(e => e with { Epoch = Epoch })];
}
