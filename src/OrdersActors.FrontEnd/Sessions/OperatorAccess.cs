using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.FrontEnd.Sessions;

/// <summary>
/// Makes this front end reachable for operators' commands: registers it with <see cref="IFrontEndsGrain"/> and answers
/// the calls that the grain passes on.
/// </summary>
internal sealed partial class OperatorAccess(
    ConnectionRegistry registry, RecentCloses closes, IGrainFactory grains, TimeProvider time,
    ILogger<OperatorAccess> logger)
    : BackgroundService, IFrontEndObserver
{
    private const int MostOrders = 10;
    private const int MostOrganizations = 20;
    private const int KeyCharacters = 8;

    // The silos may have stopped as well. Then the lease expires.
    private static readonly TimeSpan UnregisterTime = TimeSpan.FromSeconds(1);

    /// <summary>The name of this front end: its machine and process.</summary>
    public static string Name { get; } = $"{Environment.MachineName}/{Environment.ProcessId}";

    /// <inheritdoc/>
    public Task<ConnectionList> ListConnections(ConnectionFilter filter, int limit)
    {
        var (total, matching, listed) = (0, 0, new List<ConnectionInfo>());
        foreach (var connection in registry.All)
        {
            total++;
            if (Passes(connection, filter))
            {
                matching++;
                if (listed.Count < limit)
                {
                    listed.Add(Describe(connection));
                }
            }
        }

        return Task.FromResult(new ConnectionList(total, matching, [.. listed]));
    }

    /// <inheritdoc/>
    public Task<FrontEndSummary> Summarize()
    {
        var identities = registry.All.Select(connection => connection.Identity?.OrganizationId).ToArray();
        return Task.FromResult(new FrontEndSummary(
            identities.Length,
            [
                .. identities.OfType<string>().CountBy(organization => organization)
                    .OrderByDescending(organization => organization.Value).Take(MostOrganizations)
                    .Select(organization => new OrganizationConnections(organization.Key, organization.Value)),
            ],
            closes.Read()));
    }

    /// <inheritdoc/>
    public Task<int> Disconnect(ConnectionFilter filter)
    {
        var closed = 0;
        foreach (var connection in registry.All)
        {
            if (!connection.IsClosing && Passes(connection, filter))
            {
                connection.Close(CloseReason.ClosedByOperator);
                closed++;
            }
        }

        LogDisconnected(closed, filter.OrganizationId, filter.OrderId, filter.Customer);
        return Task.FromResult(closed);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Orleans refers to the object weakly; the host holds it.
        var reference = grains.CreateObjectReference<IFrontEndObserver>(this);
        using var timer = new PeriodicTimer(Deadlines.FrontEndRenewal, time);
        try
        {
            do
            {
                await TryRegisterAsync(reference);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await TryAsync(() => grains.Find<IFrontEndsGrain>(0).Unregister(Name).WaitAsync(UnregisterTime, time));
        }
    }

    private Task TryRegisterAsync(IFrontEndObserver reference) =>
        TryAsync(() => grains.Find<IFrontEndsGrain>(0).Register(Name, reference));

    private async Task TryAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (Exception e)
        {
            // All silos may be down or of a previous version. Only operators' commands miss this front end meanwhile.
            LogNotRegistered(e.Message);
        }
    }

    private static bool Passes(IClientConnection connection, ConnectionFilter filter) =>
        (filter.OrganizationId is null || connection.Identity?.OrganizationId == filter.OrganizationId)
        && (filter.Customer is null || connection.Identity?.Grant?.Subject == filter.Customer)
        && (filter.OrderId is null || connection.Feeds.Any(feed => feed.OrderId == filter.OrderId));

    private ConnectionInfo Describe(IClientConnection connection)
    {
        var feeds = connection.Feeds;
        return new ConnectionInfo(
            connection.Identity?.OrganizationId,
            connection.Identity is { ApiKey: var key } ? key[..Math.Min(KeyCharacters, key.Length)] : null,
            connection.Identity?.Grant?.Subject,
            connection.Address?.ToString(),
            connection is Connection ? "websocket" : "event stream",
            time.GetElapsedTime(connection.OpenedAt),
            feeds.Length,
            [.. feeds.Select(feed => feed.OrderId).OfType<string>().Take(MostOrders)],
            feeds.Any(feed => feed.IsOrganization),
            connection.QueuedBytes);
    }

    [LoggerMessage(1351, LogLevel.Information,
        "An operator closed {Count} connections with 1012 (organization {Organization}, order {Order}, customer "
        + "{Customer}; an empty one means all)")]
    private partial void LogDisconnected(int count, string? organization, string? order, string? customer);

    [LoggerMessage(1352, LogLevel.Debug,
        "This front end could not register for operators' commands: {Reason}. Retrying in a few seconds")]
    private partial void LogNotRegistered(string reason);
}
