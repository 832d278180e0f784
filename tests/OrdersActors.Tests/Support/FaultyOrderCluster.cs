using OrdersActors.Storage;

namespace OrdersActors.Tests.Support;

/// <summary>A cluster whose silos lose sight of the log when the test says so.</summary>
public sealed class FaultyOrderCluster : OrderCluster
{
    /// <summary>While true, every call of a silo to the log fails as it does when the database is away.</summary>
    public bool LogIsAway { get; set; }

    /// <summary>How many of the next appends are stored and then answered as if they had failed.</summary>
    public int LoseAnswers { get; set; }

    protected override IEventLog Decorate(IEventLog log) => new FaultyLog(log, this);

    private sealed class FaultyLog(IEventLog log, FaultyOrderCluster cluster) : IEventLog
    {
        private IEventLog Log => cluster.LogIsAway
            ? throw new EventLogUnavailableException("the event log is unavailable: the test says so")
            : log;

        public int PartitionCount => log.PartitionCount;

        public int PartitionOf(string organizationId) => log.PartitionOf(organizationId);

        public async Task<IReadOnlyList<OrderEvent>> AppendAsync(
            string organizationId, IReadOnlyList<OrderStatusEvent> events, CancellationToken cancellationToken = default)
        {
            var stored = await Log.AppendAsync(organizationId, events, cancellationToken);
            if (cluster.LoseAnswers > 0)
            {
                cluster.LoseAnswers--;
                throw new TimeoutException("the answer is lost: the test says so");
            }

            return stored;
        }

        public Task<OrderHead?> GetOrderHeadAsync(string orderId, CancellationToken cancellationToken = default) =>
            Log.GetOrderHeadAsync(orderId, cancellationToken);

        public Task<OrganizationHead> GetOrganizationHeadAsync(string organizationId, CancellationToken cancellationToken = default) =>
            Log.GetOrganizationHeadAsync(organizationId, cancellationToken);

        public Task<OrderEvent?> FindAsync(string organizationId, string eventId, CancellationToken cancellationToken = default) =>
            Log.FindAsync(organizationId, eventId, cancellationToken);

        public Task<IReadOnlyList<OrderEvent>> ReadOrderAsync(
            string orderId, long afterVersion, int limit, CancellationToken cancellationToken = default) =>
            Log.ReadOrderAsync(orderId, afterVersion, limit, cancellationToken);

        public Task<IReadOnlyList<OrderEvent>> ReadOrganizationAsync(
            string organizationId, long afterSequence, int limit, CancellationToken cancellationToken = default) =>
            Log.ReadOrganizationAsync(organizationId, afterSequence, limit, cancellationToken);

        public Task<IReadOnlyList<PartitionEntry>> ReadPartitionAsync(
            int partition, long afterPosition, int limit, CancellationToken cancellationToken = default) =>
            Log.ReadPartitionAsync(partition, afterPosition, limit, cancellationToken);

        public Task WaitForNewsAsync(int partition, long afterPosition, CancellationToken cancellationToken) =>
            Log.WaitForNewsAsync(partition, afterPosition, cancellationToken);

        public Task<long> GetCheckpointAsync(int partition, CancellationToken cancellationToken = default) =>
            Log.GetCheckpointAsync(partition, cancellationToken);

        public Task SaveCheckpointAsync(int partition, long position, CancellationToken cancellationToken = default) =>
            Log.SaveCheckpointAsync(partition, position, cancellationToken);

        public Task<bool> TrimAsync(RetentionLimits limits, CancellationToken cancellationToken = default) =>
            Log.TrimAsync(limits, cancellationToken);
    }
}
