using System.Globalization;
using OrdersActors.Cluster.Partitions;
using OrdersActors.Server.Hosting;

namespace OrdersActors.Server.Operators;

/// <summary>
/// Reads what the operators' page shows. Callers share a snapshot for two seconds, so that many open pages cost no more
/// than one. A part that cannot be read is named with the reason.
/// </summary>
internal sealed class OperatorState(
    IGrainFactory grains, IServiceProvider services, TimeProvider time)
    : IDisposable
{
    private const int MostOrganizations = 20;

    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(5);

    // Held while a snapshot is read. Guards the two fields after it.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private OperatorSnapshot? _last;
    private long _readAt;

    /// <summary>The newest snapshot, at most two seconds old.</summary>
    public async Task<OperatorSnapshot> ReadAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_last is null || time.GetElapsedTime(_readAt) >= MaxAge)
            {
                _last = await ReadNowAsync();
                _readAt = time.GetTimestamp();
            }

            return _last;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<OperatorSnapshot> ReadNowAsync()
    {
        var problems = new List<string>();
        var frontEnds = await TryAsync("the front ends", ReadFrontEndsAsync, problems);
        var silos = await TryAsync("the silos", () => grains.Find<IClusterGrain>(0).GetSilos(), problems);
        var partitions = services.GetService<PartitionMap>() is { } map
            ? await TryAsync("the partitions", () => ReadPartitionsAsync(map), problems)
            : [];
        var answers = frontEnds?.FrontEnds ?? [];
        problems.AddRange(answers.Where(answer => answer.Problem is not null)
            .Select(answer => $"front end {answer.FrontEnd}: {answer.Problem}"));
        var summaries = answers.Where(answer => answer.Summary is not null).ToArray();
        return new OperatorSnapshot(
            time.GetUtcNow().UtcDateTime,
            problems,
            [.. summaries.Select(answer => new NamedCount(answer.FrontEnd, answer.Summary!.Connections))],
            Largest(summaries.SelectMany(answer => answer.Summary!.Organizations)),
            [
                .. summaries.SelectMany(answer => answer.Summary!.Closes).GroupBy(close => close.Status)
                    .OrderBy(status => status.Key).Select(status => new NamedCount(
                        status.Key.ToString(CultureInfo.InvariantCulture), status.Sum(close => close.Count))),
            ],
            partitions ?? [],
            silos ?? []);
    }

    private static NamedCount[] Largest(IEnumerable<OrganizationConnections> organizations) =>
    [
        .. organizations.GroupBy(organization => organization.OrganizationId)
            .Select(group => new NamedCount(group.Key, group.Sum(organization => (long)organization.Connections)))
            .OrderByDescending(organization => organization.Connections).Take(MostOrganizations),
    ];

    private Task<FrontEndSummaries> ReadFrontEndsAsync() => grains.Find<IFrontEndsGrain>(0).Summarize();

    private async Task<PartitionRow[]> ReadPartitionsAsync(PartitionMap map)
    {
        var partitions = await services.GetRequiredService<PartitionLags>().ReadAsync();
        if (partitions.Count == 0)
        {
            throw new EventLogUnavailableException("the event log does not answer");
        }

        return
        [
            .. partitions.Select(partition => new PartitionRow(
                partition.Partition, partition.Position, partition.Checkpoint, partition.Lag,
                map.OwnerOf(partition.Partition)?.Endpoint.ToString())),
        ];
    }

    private async Task<T?> TryAsync<T>(string what, Func<Task<T>> read, List<string> problems)
        where T : class
    {
        try
        {
            return await read().WaitAsync(ReadTimeout, time);
        }
        catch (Exception e)
        {
            // The operator is told, and the other parts stay readable.
            problems.Add($"{what} cannot be read: {ConsoleLogging.OneLine(e.Message)}");
            return null;
        }
    }
}
