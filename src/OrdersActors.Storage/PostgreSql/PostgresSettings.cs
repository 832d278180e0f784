using System.Data.Common;
using Npgsql;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>The connection string with the common settings of all connections of this program.</summary>
internal static class PostgresSettings
{
    private static readonly string[] GssKeys = ["GSS Encryption Mode", "GssEncryptionMode"];

    /// <summary>
    /// Parses the connection string. The result contains no setting that a session pooler rejects as a startup
    /// parameter: see <see cref="PostgresSession"/>.
    /// </summary>
    /// <exception cref="StorageException">The connection string cannot be used.</exception>
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
                // A reset would undo the session's settings. No state outlives its command, so a reset is unnecessary.
                NoResetOnClose = true,
                Enlist = false,
                Multiplexing = false,
                // Errors are logged, and their details may contain a row.
                IncludeErrorDetail = false,
            };
            if (!GssKeys.Any(given.ContainsKey))
            {
                // An attempt costs one more connect timeout if PostgreSQL hangs, and another one for each cancelled
                // command.
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
            // Thrown without the cause, because its message may contain the connection string and the password.
            throw new StorageException("ConnectionStrings:OrdersActors is not a connection string of PostgreSQL");
        }
    }

    /// <summary>The same settings for each host.</summary>
    public static IReadOnlyList<NpgsqlConnectionStringBuilder> ForEachHost(NpgsqlConnectionStringBuilder settings) =>
    [
        .. settings.Host!
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(given =>
        {
            var (host, port) = SplitPort(given, settings.Port);
            // PostgresHosts decides which host is used.
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
                "ConnectionStrings:OrdersActors: Target Session Attributes must be primary or read-write, because " +
                "servers write");
        }
    }

    private static (string Host, int Port) SplitPort(string host, int port)
    {
        // A path is a Unix socket. More than one colon means an IPv6 address, whose port follows its bracket.
        var colon = host.LastIndexOf(':');
        return host[0] == '/'
            || colon < 1
            || (host.IndexOf(':', StringComparison.Ordinal) != colon && host[colon - 1] != ']')
            ? (host, port)
            : (host[..colon], int.Parse(host.AsSpan(colon + 1), System.Globalization.CultureInfo.InvariantCulture));
    }

    private static int Seconds(TimeSpan time) => (int)Math.Ceiling(time.TotalSeconds);
}
