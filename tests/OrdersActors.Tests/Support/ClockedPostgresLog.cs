using Microsoft.Extensions.Time.Testing;
using OrdersActors.Storage;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.TestServer;

namespace OrdersActors.Tests.Support;

/// <summary>
/// A log in PostgreSQL whose database uses the test's clock. Retention uses the database's clock, which a test could
/// not set otherwise.
/// </summary>
internal sealed class ClockedPostgresLog(PostgresEventLog log, PostgresDatabase database, FakeTimeProvider time)
    : IEventLog
{
    public string Epoch => log.Epoch;

    public int PartitionCount => log.PartitionCount;

    public Task<string> BeginEpochAsync(string ended, string reason, CancellationToken cancellationToken) =>
        log.BeginEpochAsync(ended, reason, cancellationToken);

    public int PartitionOf(string organizationId) => log.PartitionOf(organizationId);

    public Task<AppendedEvents> AppendAsync(
        string organizationId, IReadOnlyList<OrderStatusEvent> events, CancellationToken cancellationToken) =>
        log.AppendAsync(organizationId, events, cancellationToken);

    public Task<OrderHead?> GetOrderHeadAsync(
        string organizationId, string orderId, CancellationToken cancellationToken) =>
        log.GetOrderHeadAsync(organizationId, orderId, cancellationToken);

    public Task<OrganizationHead> GetOrganizationHeadAsync(
        string organizationId, CancellationToken cancellationToken) =>
        log.GetOrganizationHeadAsync(organizationId, cancellationToken);

    public Task<OrderEvent?> FindAsync(string organizationId, string eventId, CancellationToken cancellationToken) =>
        log.FindAsync(organizationId, eventId, cancellationToken);

    public Task<IReadOnlyList<OrderEvent>> ReadOrderAsync(
        string organizationId, string orderId, long afterVersion, int limit, CancellationToken cancellationToken) =>
        log.ReadOrderAsync(organizationId, orderId, afterVersion, limit, cancellationToken);

    public Task<IReadOnlyList<OrderEvent>> ReadOrganizationAsync(
        string organizationId, long afterSequence, int limit, CancellationToken cancellationToken) =>
        log.ReadOrganizationAsync(organizationId, afterSequence, limit, cancellationToken);

    public Task<IReadOnlyList<PartitionEntry>> ReadPartitionAsync(
        int partition, long afterPosition, int limit, CancellationToken cancellationToken) =>
        log.ReadPartitionAsync(partition, afterPosition, limit, cancellationToken);

    public Task WaitForEventsAsync(int partition, long afterPosition, CancellationToken cancellationToken) =>
        log.WaitForEventsAsync(partition, afterPosition, cancellationToken);

    public Task<PartitionState> GetStateAsync(int partition, CancellationToken cancellationToken) =>
        log.GetStateAsync(partition, cancellationToken);

    public Task<long> GetCheckpointAsync(int partition, CancellationToken cancellationToken) =>
        log.GetCheckpointAsync(partition, cancellationToken);

    public Task SaveCheckpointAsync(int partition, long position, string epoch, CancellationToken cancellationToken) =>
        log.SaveCheckpointAsync(partition, position, epoch, cancellationToken);

    public async Task<TrimResult> TrimAsync(RetentionLimits limits, CancellationToken cancellationToken)
    {
        await database.SqlAsync($"""
            CREATE OR REPLACE FUNCTION orders_actors.log_now() RETURNS bigint LANGUAGE sql
            AS 'SELECT {time.GetUtcNow().ToUnixTimeMilliseconds()}'
            """);
        return await log.TrimAsync(limits, cancellationToken);
    }
}
