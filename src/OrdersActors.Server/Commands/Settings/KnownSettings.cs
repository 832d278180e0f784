using System.Collections;
using System.Globalization;
using System.Reflection;
using OrdersActors.FrontEnd;
using OrdersActors.Grains;
using OrdersActors.Grains.Authentication;
using OrdersActors.Http;
using OrdersActors.Publishing;
using OrdersActors.Server.Board;
using OrdersActors.Server.Hosting;
using OrdersActors.Server.Operators;
using OrdersActors.Server.Telemetry;
using OrdersActors.Storage.KeyRing;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.Storage.Retention;
using OrdersActors.Storage.Sqlite;
using OrdersActors.Streaming;

namespace OrdersActors.Server.Commands.Settings;

/// <summary>
/// All settings under <c>OrdersActors</c>, with their defaults. They are read from the classes that the server reads
/// its settings into, so a new property is known at once. A new section must be added here; a test finds a missing one.
/// </summary>
internal static class KnownSettings
{
    private static readonly (string Section, Func<object> Create, string[] SetByCode)[] Sections =
    [
        ("Board", () => new BoardOptions(), []),
        ("KeyRing", () => new KeyRingOptions(), []),
        ("Operators", () => new OperatorOptions(), []),
        ("Tls", () => new OrderTlsOptions(), []),
        (
            "Sqlite", () => new SqliteStorageOptions(), [nameof(SqliteStorageOptions.DataDirectory)]),
        (
            "Postgres", () => new PostgresStorageOptions(),
            [nameof(PostgresStorageOptions.ConnectionString), nameof(PostgresStorageOptions.ClusterId)]),
        ("Retention", () => new RetentionOptions(), []),
        ("Streaming", () => new OrderStreamOptions(), []),
        ("Grains", () => new OrderGrainOptions(), []),
        ("Authentication", () => new AuthenticationOptions(), []),
        ("FrontEnd", () => new FrontEndOptions(), []),
        ("Http", () => new HttpOptions(), []),
        ("Telemetry", () => new TelemetryOptions(), []),
    ];

    /// <summary>The settings, in the order of their names.</summary>
    public static IReadOnlyList<KnownSetting> All { get; } =
    [
        .. Server().Concat(Sections.SelectMany(Of)).OrderBy(setting => setting.Name, StringComparer.OrdinalIgnoreCase),
    ];

    /// <summary>Whether a name is that of a setting, or of an entry of one, such as an element of a list.</summary>
    public static bool Has(string name) => All.Any(setting =>
        string.Equals(setting.Name, name, StringComparison.OrdinalIgnoreCase)
        || (setting.HasEntries && name.StartsWith(setting.Name + ":", StringComparison.OrdinalIgnoreCase)));

    // The settings that ServerOptions and LogOptions read by their names.
    private static IEnumerable<KnownSetting> Server()
    {
        var configuration = new ConfigurationBuilder().Build();
        var defaults = ServerOptions.Read(configuration);
        var log = LogOptions.Read(configuration);
        return
        [
            new($"{ServerSection}:DataDirectory", defaults.DataDirectory),
            new($"{ServerSection}:SiloPort", Text(defaults.SiloPort)),
            new($"{ServerSection}:GatewayPort", Text(defaults.GatewayPort)),
            new($"{ServerSection}:ClusterId", defaults.ClusterId),
            new($"{ServerSection}:AdvertisedAddress", Text(defaults.AdvertisedAddress)),
            new($"{ServerSection}:Gateways", ""),
            new($"{ServerSection}:Log:Format", log.IsJson ? "json" : "text"),
            new($"{ServerSection}:Log:MaxQueuedBytes", Text(log.MaxQueuedBytes)),
        ];
    }

    private const string ServerSection = "OrdersActors";

    private static IEnumerable<KnownSetting> Of((string Section, Func<object> Create, string[] SetByCode) section)
    {
        var defaults = section.Create();
        return defaults.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => !section.SetByCode.Contains(property.Name) && IsBound(property))
            .Select(property => new KnownSetting(
                $"{ServerSection}:{section.Section}:{property.Name}",
                HasEntries(property) ? "" : Text(property.GetValue(defaults)),
                HasEntries(property)));
    }

    private static bool IsBound(PropertyInfo property) =>
        property.SetMethod is { IsPublic: true } || HasEntries(property);

    private static bool HasEntries(PropertyInfo property) =>
        property.PropertyType != typeof(string) && typeof(IEnumerable).IsAssignableFrom(property.PropertyType);

    private static string Text(object? value) => value switch
    {
        null => "",
        bool flag => flag ? "true" : "false",
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}

/// <summary>A setting.</summary>
/// <param name="Name">Its full name, such as <c>OrdersActors:FrontEnd:MaxConnections</c>.</param>
/// <param name="Default">Its default as text; empty if it has none.</param>
/// <param name="HasEntries">Whether it is a list or a dictionary, whose entries have names of their own.</param>
internal sealed record KnownSetting(string Name, string Default, bool HasEntries = false);
