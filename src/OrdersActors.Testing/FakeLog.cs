using System.Runtime.InteropServices;
using OrdersActors.Storage.EventLog;

namespace OrdersActors.Testing;

/// <summary>
/// Numbers events as the log does, and compares repeats with the log's own code. Guarded by the lock of its publisher.
/// </summary>
internal sealed class FakeLog
{
    private readonly Dictionary<string, Organization> _organizations = [];

    /// <summary>Stores a batch completely or not at all.</summary>
    /// <exception cref="EventConflictException">An id belongs to a different event.</exception>
    public PublishedEvent[] Append(string organizationId, OrderStatusEvent[] events)
    {
        // Refuses different events with the same id. Append recognizes the equal ones.
        EventContent.FindRepeats(events);
        var organization = _organizations.GetValueOrDefault(organizationId) ?? new Organization();
        foreach (var (index, e) in events.Index())
        {
            if (organization.Events.TryGetValue(e.Id, out var stored))
            {
                EventContent.CheckSame(e, index, stored);
            }
        }

        _organizations[organizationId] = organization;
        return [.. events.Select(e => Append(organizationId, organization, e))];
    }

    private static PublishedEvent Append(string organizationId, Organization organization, OrderStatusEvent e)
    {
        if (organization.Events.TryGetValue(e.Id, out var stored))
        {
            return new PublishedEvent(e.Id, stored.Version, stored.Sequence, IsRepeat: true);
        }

        ref var version = ref CollectionsMarshal.GetValueRefOrAddDefault(organization.Versions, e.OrderId, out _);
        var added = EventRow.Numbered(e, organizationId, organization.Events.Count + 1, ++version, epoch: "");
        organization.Events.Add(e.Id, added);
        return new PublishedEvent(e.Id, added.Version, added.Sequence, IsRepeat: false);
    }

    private sealed class Organization
    {
        public Dictionary<string, OrderEvent> Events { get; } = [];

        public Dictionary<string, long> Versions { get; } = [];
    }
}
