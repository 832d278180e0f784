using System.Data.Common;
using Npgsql;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>The connection string with the settings that all of our connections have in common.</summary>
internal static class PostgresSettings
{
    private static readonly string[] GssKeys = ["GSS Encryption Mode", "GssEncryptionMode"];

    /// <summary>Reads the connection string. Nothing in the result is sent that a session pooler refuses at the start of a connection:
    /// see <see cref="PostgresSession"/>.</summary>
    /// <exception cref="StorageException">It cannot be used.</exception>
    public static NpgsqlConnectionStringBuilder Of(PostgresStorageOptions options)
    {
        try
        {
            var given = new DbConnectionStringBuilder { ConnectionString = options.ConnectionString };
            var settings = new NpgsqlConnectionStringBuilder(options.ConnectionString)
            {
                SearchPath = null,
                Timeout = Seconds(options.CommandTimeout),
                CommandTimeout = Seconds(options.CommandTimeout),
                Pooling = true,
                // A reset would undo the session's settings; nothing of ours outlives its command, so there is nothing to reset.
                NoResetOnClose = true,
                Enlist = false,
                Multiplexing = false,
                // Errors are logged, and the details of one may be a row.
                IncludeErrorDetail = false,
            };
            if (!GssKeys.Any(given.ContainsKey))
            {
                // Trying it costs one more connect timeout when PostgreSQL hangs, once more for each command that is cancelled.
                settings.GssEncryptionMode = GssEncryptionMode.Disable;
            }

            settings.ApplicationName ??= "OrdersActors";
            CheckHosts(settings);
            if (options.ConnectTimeout < options.CommandTimeout && ForEachHost(settings).Count > 1)
            {
                settings.Timeout = Seconds(options.ConnectTimeout);
            }

            return settings;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            // Without the cause: it may quote the string, and with it the password.
            throw new StorageException("ConnectionStrings:OrdersActors is not a connection string of PostgreSQL");
        }
    }

    /// <summary>The same settings for each of the hosts.</summary>
    public static IReadOnlyList<NpgsqlConnectionStringBuilder> ForEachHost(NpgsqlConnectionStringBuilder settings) =>
    [
        .. settings.Host!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(given =>
        {
            var (host, port) = SplitPort(given, settings.Port);
            // Which host is connected to is decided by PostgresHosts.
            var single = new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Host = host, Port = port };
            single.Remove("Target Session Attributes");
            single.Remove("Load Balance Hosts");
            return single;
        }),
    ];

    private static void CheckHosts(NpgsqlConnectionStringBuilder settings)
    {
        if (string.IsNullOrEmpty(settings.Host) || ForEachHost(settings).Count == 0)
        {
            throw new ArgumentException("There is no host.");
        }

        if (settings.TargetSessionAttributes?.ToUpperInvariant() is "STANDBY" or "PREFER-STANDBY" or "READ-ONLY")
        {
            throw new StorageException(
                "ConnectionStrings:OrdersActors: Target Session Attributes must be primary or read-write, because servers write");
        }
    }

    private static (string Host, int Port) SplitPort(string host, int port)
    {
        // A path is a Unix socket; more than one colon is an IPv6 address, whose port follows its bracket.
        var colon = host.LastIndexOf(':');
        return host[0] == '/' || colon < 1 || (host.IndexOf(':', StringComparison.Ordinal) != colon && host[colon - 1] != ']')
            ? (host, port)
            : (host[..colon], int.Parse(host.AsSpan(colon + 1), System.Globalization.CultureInfo.InvariantCulture));
    }

    private static int Seconds(TimeSpan time) => (int)Math.Ceiling(time.TotalSeconds);
}
