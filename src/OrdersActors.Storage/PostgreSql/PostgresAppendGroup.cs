using System.Runtime.InteropServices;
using OrdersActors.Storage.EventLog;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// Appends that share a transaction, as the arrays that <c>append_group</c> takes. Each partition, organization, order
/// and event id occurs once.
/// </summary>
/// <remarks>
/// No two appends of a group may have a common event id. Whether the later one is stored depends on whether the earlier
/// one is rejected, so the later one must wait for the next group.
/// </remarks>
internal sealed class PostgresAppendGroup(int maxEvents)
{
    // In characters. 8 million take about 10 ms to send, and PostgreSQL holds several copies in memory. A single append
    // may have more.
    private const int MaxDetails = 8 * 1024 * 1024;

    private readonly List<PendingAppend> _appends = [];
    private readonly Dictionary<int, int> _partitions = [];
    private readonly Dictionary<string, int> _organizations = [];
    private readonly Dictionary<(int Organization, string Id), int> _orders = [];
    private readonly Dictionary<(string Organization, string Id), (PendingAppend Append, int Index)> _ids = [];
    private readonly List<(PendingAppend Append, int Index)> _slots = [];
    private int _details;

    public IReadOnlyList<PendingAppend> Appends => _appends;

    public List<int> PartitionNumbers { get; } = [];

    public List<int> PartitionCounts { get; } = [];

    public List<string> OrganizationNames { get; } = [];

    /// <summary>For each organization: the 1-based index of its partition, as PostgreSQL counts.</summary>
    public List<int> OrganizationPartitions { get; } = [];

    public List<int> OrganizationCounts { get; } = [];

    public List<string> OrderNames { get; } = [];

    /// <summary>For each order: the 1-based index of its organization.</summary>
    public List<int> OrderOrganizations { get; } = [];

    public List<int> OrderCounts { get; } = [];

    public List<int> EventOrders { get; } = [];

    /// <summary>For each event: its 1-based ordinal among the events of its partition in this group.</summary>
    public List<int> EventPositions { get; } = [];

    /// <summary>For each event: its 1-based ordinal among the events of its organization in this group.</summary>
    public List<int> EventSequences { get; } = [];

    /// <summary>For each event: its 1-based ordinal among the events of its order in this group.</summary>
    public List<int> EventVersions { get; } = [];

    public List<string> EventIds { get; } = [];

    public List<string> EventStatuses { get; } = [];

    public List<DateTime> EventTimes { get; } = [];

    public List<string?> EventDetails { get; } = [];

    /// <summary>
    /// Whether nothing is left to store: every event was found in the log, or its append was rejected.
    /// </summary>
    public bool IsEmpty => _slots.Count == 0;

    /// <summary>Whether no append may join the group, whatever its events are.</summary>
    public bool IsFull => _slots.Count >= maxEvents || _details >= MaxDetails;

    /// <summary>Whether an append may join the group. If not, it must wait for the next one.</summary>
    public bool HasRoomFor(PendingAppend append) => _appends.Count == 0 || (!IsFull && !HasIdOf(append));

    /// <summary>Adds an append to the group.</summary>
    public void Add(PendingAppend append)
    {
        _appends.Add(append);
        var partition = IndexOf(_partitions, append.Partition, out var isNew);
        if (isNew)
        {
            PartitionNumbers.Add(append.Partition);
            PartitionCounts.Add(0);
        }

        var organization = IndexOf(_organizations, append.OrganizationId, out isNew);
        if (isNew)
        {
            OrganizationNames.Add(append.OrganizationId);
            OrganizationPartitions.Add(partition + 1);
            OrganizationCounts.Add(0);
        }

        for (var i = 0; i < append.Events.Count; i++)
        {
            if (append.Needs(i))
            {
                Add(append, i, partition, organization);
            }
        }
    }

    /// <summary>
    /// A new group of some of the appends, without the events that were found in the log.
    /// </summary>
    public PostgresAppendGroup Where(Func<PendingAppend, bool> belongs)
    {
        var part = new PostgresAppendGroup(maxEvents);
        foreach (var append in _appends.Where(belongs))
        {
            part.Add(append);
        }

        return part;
    }

    /// <summary>
    /// Splits the appends that have not been rejected into two halves. This is for a group that PostgreSQL cannot
    /// store: it finds the appends that are the cause. A single append is rejected instead, and null is returned.
    /// </summary>
    public (PostgresAppendGroup First, PostgresAppendGroup Second)? Split(Exception rejection)
    {
        var left = _appends.Where(append => !append.IsRejected).ToList();
        if (left.Count < 2)
        {
            left.ForEach(append => append.Reject(rejection));
            return null;
        }

        var (first, second) = (new PostgresAppendGroup(maxEvents), new PostgresAppendGroup(maxEvents));
        for (var i = 0; i < left.Count; i++)
        {
            (i < left.Count / 2 ? first : second).Add(left[i]);
        }

        return (first, second);
    }

    /// <summary>The organization and id of an event, by its 1-based ordinal.</summary>
    public (string Organization, string Id) IdOf(long ordinal) =>
        (_slots[(int)ordinal - 1].Append.OrganizationId, EventIds[(int)ordinal - 1]);

    /// <summary>
    /// Handles events that the log already has. An append is rejected if one of its events has other content.
    /// </summary>
    public void SetKnown(IEnumerable<OrderEvent> stored)
    {
        // In the order of the batch, so that the first conflict is the one that is reported.
        foreach (var (e, (append, index)) in stored
            .Select(e => (e, _ids[(e.OrganizationId, e.Id)]))
            .OrderBy(found => found.Item2.Index))
        {
            if (append.IsRejected)
            {
                continue;
            }

            try
            {
                append.SetKnown(index, e);
            }
            catch (EventConflictException conflict)
            {
                append.Reject(conflict);
            }
        }
    }

    /// <summary>
    /// Numbers the events of the committed group, and returns them with their positions, for each partition.
    /// </summary>
    /// <param name="positions">Each partition's position before the group.</param>
    /// <param name="sequences">Each organization's sequence before the group.</param>
    /// <param name="versions">Each order's version before the group.</param>
    /// <param name="epoch">The epoch of the numbers.</param>
    public Dictionary<int, IReadOnlyList<PartitionEntry>> SetStored(
        long[] positions, long[] sequences, long[] versions, string epoch)
    {
        var entries = PartitionCounts.ConvertAll(count => new PartitionEntry[count]);
        for (var i = 0; i < _slots.Count; i++)
        {
            var (append, index) = _slots[i];
            var order = EventOrders[i] - 1;
            var organization = OrderOrganizations[order] - 1;
            var partition = OrganizationPartitions[organization] - 1;
            var stored = EventRow.Numbered(
                append.Events[index],
                append.OrganizationId,
                sequences[organization] + EventSequences[i],
                versions[order] + EventVersions[i],
                epoch);
            append.SetStored(index, stored);
            entries[partition][EventPositions[i] - 1] =
                new PartitionEntry(positions[partition] + EventPositions[i], stored);
        }

        return _partitions.ToDictionary(
            partition => partition.Key, partition => (IReadOnlyList<PartitionEntry>)entries[partition.Value]);
    }

    private bool HasIdOf(PendingAppend append) =>
        append.Events.Any(e => _ids.ContainsKey((append.OrganizationId, e.Id)));

    private void Add(PendingAppend append, int index, int partition, int organization)
    {
        var e = append.Events[index];
        var order = IndexOf(_orders, (organization, e.OrderId), out var isNew);
        if (isNew)
        {
            OrderNames.Add(e.OrderId);
            OrderOrganizations.Add(organization + 1);
            OrderCounts.Add(0);
        }

        // No id is added twice: an append does not need its repeated events, and HasRoomFor rejects an append that has
        // an id of the group.
        _ids.Add((append.OrganizationId, e.Id), (append, index));
        _slots.Add((append, index));
        _details += e.Details?.Length ?? 0;
        EventOrders.Add(order + 1);
        EventPositions.Add(++PartitionCounts[partition]);
        EventSequences.Add(++OrganizationCounts[organization]);
        EventVersions.Add(++OrderCounts[order]);
        EventIds.Add(e.Id);
        EventStatuses.Add(e.Status);
        EventTimes.Add(PostgresEventRow.ToStored(e.OccurredAt));
        EventDetails.Add(e.Details);
    }

    private static int IndexOf<TKey>(Dictionary<TKey, int> indexes, TKey key, out bool isNew)
        where TKey : notnull
    {
        ref var index = ref CollectionsMarshal.GetValueRefOrAddDefault(indexes, key, out var isThere);
        isNew = !isThere;
        return isThere ? index : index = indexes.Count - 1;
    }
}
