using System.Diagnostics.CodeAnalysis;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Npgsql;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// Data Protection's key ring in the database, where every server of the cluster finds it. It is read at start and once
/// a day, and written every few months, so each use opens its own connection.
/// </summary>
[SuppressMessage(
    "Reliability", "CA1001", Justification = "A source without a pool holds no resources between two uses.")]
internal sealed class PostgresKeyRing : IXmlRepository
{
    private readonly PostgresSource _source;

    public PostgresKeyRing(PostgresStorageOptions options)
    {
        var settings = PostgresSettings.Of(options);
        var hosts = PostgresHosts.Of(settings, TimeProvider.System);
        settings.Pooling = false;
        _source = new PostgresSource("key-ring", settings, hosts, PostgresSession.Plain);
    }

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var connection = Open();
        using var command = new NpgsqlCommand("SELECT element FROM key_ring ORDER BY added_at, name", connection);
        using var rows = command.ExecuteReader();
        var elements = new List<XElement>();
        while (rows.Read())
        {
            elements.Add(XElement.Parse(rows.GetString(0)));
        }

        return elements;
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var connection = Open();
        using var command = new NpgsqlCommand("INSERT INTO key_ring (name, element) VALUES ($1, $2)", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = friendlyName });
        command.Parameters.Add(new NpgsqlParameter { Value = element.ToString(SaveOptions.DisableFormatting) });
        command.ExecuteNonQuery();
    }

    private NpgsqlConnection Open() => (NpgsqlConnection)_source.OpenConnection();
}
