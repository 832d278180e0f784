namespace OrdersActors.FrontEnd.Limits;

/// <summary>
/// Counts the connections of each organization, key and customer, as far as they have limits. An entry exists only
/// while it has a connection, so memory is bounded by the number of connections. Not thread-safe.
/// </summary>
internal sealed class OwnerCounts(FrontEndOptions limits)
{
    private readonly Counts<string> _organizations = new(limits.MaxConnectionsPerOrganization);
    private readonly Counts<string> _keys = new(limits.MaxConnectionsPerKey);
    private readonly Counts<(string Organization, string Customer)> _customers = new(limits.MaxConnectionsPerCustomer);

    /// <summary>
    /// Counts a connection for an owner instead of the one before. Returns the reason if the owner has reached a limit;
    /// then nothing changes.
    /// </summary>
    public AdmissionRefusal? Replace(ConnectionOwner? before, ConnectionOwner owner)
    {
        Remove(before);
        var refusal = Check(owner);
        Add(refusal is null ? owner : before);
        return refusal;
    }

    /// <summary>Counts a connection no longer.</summary>
    public void Remove(ConnectionOwner? owner) => Change(owner, -1);

    private void Add(ConnectionOwner? owner) => Change(owner, 1);

    private AdmissionRefusal? Check(ConnectionOwner owner) =>
        _organizations.IsReached(owner.OrganizationId) ? AdmissionRefusal.Organization
        : _keys.IsReached(owner.ApiKey) ? AdmissionRefusal.Key
        : owner.Customer is { } customer && _customers.IsReached((owner.OrganizationId, customer))
            ? AdmissionRefusal.Customer
        : null;

    private void Change(ConnectionOwner? owner, int by)
    {
        if (owner is not { } counted)
        {
            return;
        }

        _organizations.Change(counted.OrganizationId, by);
        _keys.Change(counted.ApiKey, by);
        if (counted.Customer is { } customer)
        {
            _customers.Change((counted.OrganizationId, customer), by);
        }
    }

    private sealed class Counts<TKey>(int limit)
        where TKey : notnull
    {
        private readonly Dictionary<TKey, int> _counts = [];

        public bool IsReached(TKey key) => limit > 0 && _counts.GetValueOrDefault(key) >= limit;

        public void Change(TKey key, int by)
        {
            if (limit == 0)
            {
                return;
            }

            var count = _counts.GetValueOrDefault(key) + by;
            if (count > 0)
            {
                _counts[key] = count;
            }
            else
            {
                _counts.Remove(key);
            }
        }
    }
}
