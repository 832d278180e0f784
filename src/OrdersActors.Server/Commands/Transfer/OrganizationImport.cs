using OrdersActors.Server.Commands.Output;
using OrdersActors.Server.Hosting;
using OrdersActors.Storage;
using OrdersActors.Storage.Transfer;

namespace OrdersActors.Server.Commands.Transfer;

/// <summary>Imports an export into a log. Repeating it does nothing; after an interruption it continues.</summary>
/// <remarks>
/// <code>
///   1 verify the file ──► 2 compare with the log ──► 3 reserve the numbers ──► 4 add events ──► 5 open the feed
///                               └ other events: refuse     └ done before: 4     └ all there: 5
/// </code>
/// Until step 3 nothing is changed. An interrupted import is recognized by its closed feed, which begins after the last
/// number of the export.
/// </remarks>
internal sealed class OrganizationImport(ExportFile file, IOrganizationTarget target)
{
    // An append of a running server to the same partition waits for a batch, which takes some tens of milliseconds.
    private const int BatchEvents = 1000;
    private const int BatchDetails = 4 * 1024 * 1024;
    private const int PageSize = 1000;

    private ExportHeader _header = null!;
    private long _known;

    /// <summary>Runs the import.</summary>
    /// <param name="header">The header of the verified file.</param>
    /// <param name="progress">Counts the events that are stored.</param>
    /// <param name="cancellationToken">Ends the import after the current batch.</param>
    /// <exception cref="StartupException">
    /// The log has other events of the organization. Nothing was changed.
    /// </exception>
    public async Task<ImportResult> RunAsync(
        ExportHeader header, CommandProgress progress, CancellationToken cancellationToken)
    {
        _header = header;
        progress.Total = header.Events;
        var after = 0L;
        if (await target.FindAsync(cancellationToken) is not { } head)
        {
            await target.BeginAsync(header.Sequence, file.ReadOrdersAsync(cancellationToken), cancellationToken);
        }
        else if (await CompareAsync(head, cancellationToken) is { } last)
        {
            after = last;
        }
        else
        {
            return Result(added: 0);
        }

        progress.Add(_known);
        var added = await AddAsync(after, progress, cancellationToken);
        await target.FinishAsync(new OrganizationHead(header.Sequence, header.Earliest), cancellationToken);
        return Result(added);
    }

    private ImportResult Result(long added) =>
        new(_header.OrganizationId, _header.Sequence, _header.Orders, added, _known);

    private async Task<long> AddAsync(long after, CommandProgress progress, CancellationToken cancellationToken)
    {
        var (added, details, batch) = (0L, 0, new List<OrderEvent>(BatchEvents));
        await foreach (var e in file.ReadEventsAsync(cancellationToken))
        {
            if (e.Sequence <= after)
            {
                continue;
            }

            batch.Add(e);
            details += e.Details?.Length ?? 0;
            if (batch.Count == BatchEvents || details >= BatchDetails)
            {
                await FlushAsync();
            }
        }

        await FlushAsync();
        return added;

        async Task FlushAsync()
        {
            if (batch.Count > 0)
            {
                await target.AddAsync(batch, cancellationToken);
                progress.Add(batch.Count);
                added += batch.Count;
                details = 0;
                batch.Clear();
            }
        }
    }

    /// <summary>
    /// Compares the log's events of the organization with the file. Returns the sequence after which the import
    /// continues, or null if it is complete.
    /// </summary>
    /// <exception cref="StartupException">They differ.</exception>
    private async Task<long?> CompareAsync(OrganizationHead head, CancellationToken cancellationToken)
    {
        if (head.Sequence < _header.Sequence)
        {
            throw Conflict($"it ends at sequence {head.Sequence}, and the export at {_header.Sequence}");
        }

        var (last, missing) = (0L, (long?)null);
        await using var stored = StoredAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        var hasStored = await stored.MoveNextAsync();
        await foreach (var e in file.ReadEventsAsync(cancellationToken))
        {
            if (hasStored && stored.Current.Sequence <= e.Sequence)
            {
                Check(stored.Current, e);
                (last, _known) = (e.Sequence, _known + 1);
                hasStored = await stored.MoveNextAsync();
            }
            else
            {
                missing = e.Sequence;
            }
        }

        if (hasStored)
        {
            throw Conflict($"its event with sequence {stored.Current.Sequence} is not in the export");
        }

        if (_known == 0)
        {
            await CheckOrdersAsync(cancellationToken);
        }

        // An import that has not ended has closed the feed.
        if (head.Earliest == _header.Sequence + 1)
        {
            return last;
        }

        return missing >= head.Earliest
            ? throw Conflict($"it does not have the event with sequence {missing}")
            : null;
    }

    /// <summary>Compares the orders, because there is no event to compare.</summary>
    private async Task CheckOrdersAsync(CancellationToken cancellationToken)
    {
        await foreach (var order in file.ReadOrdersAsync(cancellationToken))
        {
            if (await target.FindOrderAsync(order.OrderId, cancellationToken) is var version
                && !(version >= order.Version))
            {
                throw Conflict(version is null
                    ? $"it has no order {order.OrderId}"
                    : $"its order {order.OrderId} ends at version {version}, and in the export at {order.Version}");
            }
        }
    }

    private async IAsyncEnumerable<OrderEvent> StoredAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var after = 0L;
        while (await target.ReadAsync(after, PageSize, cancellationToken) is { Count: > 0 } page)
        {
            foreach (var e in page.TakeWhile(e => e.Sequence <= _header.Sequence))
            {
                yield return e;
            }

            after = page[^1].Sequence;
            if (after >= _header.Sequence)
            {
                yield break;
            }
        }
    }

    private void Check(OrderEvent stored, OrderEvent exported)
    {
        if (stored.Sequence != exported.Sequence || stored.Id != exported.Id || stored.OrderId != exported.OrderId
            || stored.Version != exported.Version || stored.Status != exported.Status)
        {
            throw Conflict($"it has {Describe(stored)}, and the export has {Describe(exported)}");
        }
    }

    private static string Describe(OrderEvent e) =>
        $"the event {e.Id} (order {e.OrderId}, version {e.Version}) at sequence {e.Sequence}";

    private StartupException Conflict(string difference) => new(
        $"conflict: the organization {_header.OrganizationId} has other events in {target.Location}: {difference}. "
        + "Nothing was changed. An import needs an organization without events, or the same export again");
}
