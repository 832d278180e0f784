using Microsoft.Data.Sqlite;

namespace OrdersActors.Storage.Sqlite;

/// <summary>
/// The newest numbers of the organizations and orders that the writer appends to. They are read once and then counted
/// in memory. No other process appends while this one holds the folder's lock. Used only by the writer's thread.
/// </summary>
/// <remarks>
/// The newest events carry the numbers, so an event does not change the rows of its order and organization. Only a new
/// order or organization gets a row, and an organization's row follows every <see cref="SqliteSchema.SequenceStep"/>
/// events (see <see cref="SqliteSchema"/>).
/// </remarks>
internal sealed class SqliteHeads : IDisposable
{
    /// <summary>The newest sequence of an organization, whose row is g.</summary>
    public const string Sequence =
        "max(g.sequence, coalesce((SELECT max(sequence) FROM events WHERE organization = g.id), 0))";

    /// <summary>The newest version of an order, whose row is o.</summary>
    public const string Version =
        "max(o.version, coalesce((SELECT max(version) FROM events WHERE order_ref = o.id), 0))";

    // At most 0.3 KB each, so 6 MB. At the bound, all are forgotten and read again when they are needed.
    private const int MaxCached = 20_000;

    private readonly SqliteDirectStatement _findOrganization;
    private readonly SqliteDirectStatement _addOrganization;
    private readonly SqliteDirectStatement _moveOrganization;
    private readonly SqliteDirectStatement _findOrder;
    private readonly SqliteDirectStatement _addOrder;
    private readonly SqliteDirectStatement _removeOrganizations;
    private readonly SqliteDirectStatement _removeOrders;
    private readonly Dictionary<string, OrganizationNumbers> _organizations = [];
    private readonly Dictionary<(long Organization, string Name), OrderNumbers> _orders = [];

    // The orders that the current append has changed, and the numbers before the append.
    private readonly List<OrderNumbers> _changed = [];
    private (long Organization, long Order, long Sequence) _before;
    private long _lastOrganization;
    private long _lastOrder;

    public SqliteHeads(SqliteConnection connection)
    {
        _findOrganization = new(connection, $"SELECT id, {Sequence} FROM organizations g WHERE name = ?1");
        _addOrganization = new(connection, "INSERT INTO organizations (id, name, sequence) VALUES (?1, ?2, 0)");
        _moveOrganization = new(connection, "UPDATE organizations SET sequence = ?2 WHERE id = ?1");
        _findOrder = new(connection, $"SELECT id, {Version} FROM orders o WHERE organization = ?1 AND name = ?2");
        _addOrder = new(connection, "INSERT INTO orders (organization, name, id, version) VALUES (?1, ?2, ?3, 0)");
        _removeOrganizations = new(connection, "DELETE FROM organizations WHERE id > ?1");
        _removeOrders = new(connection, "DELETE FROM orders WHERE id > ?1");
        using var last = new SqliteDirectStatement(connection, """
            SELECT coalesce((SELECT max(id) FROM organizations), 0), coalesce((SELECT max(id) FROM orders), 0)
            """);
        (_lastOrganization, _lastOrder) = last.Find()!.Value;
    }

    /// <summary>Begins an append, which <see cref="End"/> or <see cref="Undo"/> must end.</summary>
    public OrganizationNumbers Begin(string organization)
    {
        var found = Organization(organization);
        _changed.Clear();
        _before = (_lastOrganization, _lastOrder, found.Sequence);
        return found;
    }

    public OrderNumbers Order(OrganizationNumbers organization, string name)
    {
        var key = (IdOf(organization), name);
        if (_orders.TryGetValue(key, out var found))
        {
            return found;
        }

        Bound(_orders);
        found = _findOrder.Bind(1, key.Item1).Bind(2, name).Find() is { } row
            ? new OrderNumbers(key) { Row = row.First, Version = row.Second }
            : new OrderNumbers(key);
        return _orders[key] = found;
    }

    /// <summary>The id of an organization's row, also if the row will only be added with its first event.</summary>
    public long IdOf(OrganizationNumbers organization) => organization.Row ?? _lastOrganization + 1;

    /// <summary>The id of an order's row, also if the row will only be added with its first event.</summary>
    public long IdOf(OrderNumbers order) => order.Row ?? _lastOrder + 1;

    /// <summary>Counts an event that was inserted with the next numbers of its organization and order.</summary>
    public void Count(OrganizationNumbers organization, OrderNumbers order)
    {
        if (organization.Row is not { } id)
        {
            organization.Row = id = ++_lastOrganization;
            _addOrganization.Bind(1, id).Bind(2, organization.Name).Execute();
        }

        if (order.Row is null)
        {
            order.Row = ++_lastOrder;
            _addOrder.Bind(1, id).Bind(2, order.Key.Name).Bind(3, order.Row.Value).Execute();
        }

        organization.Sequence++;
        order.Version++;
        _changed.Add(order);
    }

    /// <summary>Ends the current append.</summary>
    public void End(OrganizationNumbers organization)
    {
        if (organization.Sequence / SqliteSchema.SequenceStep != _before.Sequence / SqliteSchema.SequenceStep)
        {
            _moveOrganization.Bind(1, organization.Row!.Value).Bind(2, organization.Sequence).Execute();
        }
    }

    /// <summary>Undoes the changes of the current append, whose events have been removed.</summary>
    public void Undo(OrganizationNumbers organization)
    {
        _removeOrders.Bind(1, _before.Order).Execute();
        _removeOrganizations.Bind(1, _before.Organization).Execute();
        (_lastOrganization, _lastOrder, _) = _before;
        _organizations.Remove(organization.Name);
        foreach (var order in _changed)
        {
            _orders.Remove(order.Key);
        }
    }

    public void Dispose()
    {
        _findOrganization.Dispose();
        _addOrganization.Dispose();
        _moveOrganization.Dispose();
        _findOrder.Dispose();
        _addOrder.Dispose();
        _removeOrganizations.Dispose();
        _removeOrders.Dispose();
    }

    private OrganizationNumbers Organization(string name)
    {
        if (_organizations.TryGetValue(name, out var found))
        {
            return found;
        }

        Bound(_organizations);
        found = _findOrganization.Bind(1, name).Find() is { } row
            ? new OrganizationNumbers(name) { Row = row.First, Sequence = row.Second }
            : new OrganizationNumbers(name);
        return _organizations[name] = found;
    }

    private static void Bound<TKey, TValue>(Dictionary<TKey, TValue> cached)
        where TKey : notnull
    {
        if (cached.Count >= MaxCached)
        {
            cached.Clear();
        }
    }
}

/// <summary>The newest number of an organization.</summary>
internal sealed class OrganizationNumbers(string name)
{
    public string Name => name;

    /// <summary>The id of its row; null before its first event.</summary>
    public long? Row { get; set; }

    public long Sequence { get; set; }
}

/// <summary>The newest number of an order.</summary>
internal sealed class OrderNumbers((long Organization, string Name) key)
{
    public (long Organization, string Name) Key => key;

    /// <summary>The id of its row; null before its first event.</summary>
    public long? Row { get; set; }

    public long Version { get; set; }
}
