using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.Memory;

namespace OrdersActors.Server.Commands.Settings;

/// <summary>The settings that a server would use, and where each of them comes from.</summary>
internal static class EffectiveSettings
{
    // The environment also has variables of other programs, so only these names and sections are shown.
    private static readonly string[] Roots =
        ["OrdersActors", "ConnectionStrings", "Kestrel", "Logging", "Urls", "http_ports", "https_ports"];

    private static readonly KnownSetting[] Others =
    [
        new("ConnectionStrings:OrdersActors", ""), new("Urls", "http://localhost:5080"),
    ];

    /// <summary>All known settings and all given ones, by name. Secrets are hidden.</summary>
    public static IReadOnlyList<EffectiveSetting> Of(IConfigurationRoot configuration)
    {
        var known = KnownSettings.All.Concat(Others).ToDictionary(
            setting => setting.Name, setting => setting, StringComparer.OrdinalIgnoreCase);
        var given = configuration.AsEnumerable()
            .Where(setting => setting.Value is not null && IsShown(setting.Key))
            .Select(setting => setting.Key);
        return
        [
            .. known.Values.Select(setting => setting.Name).Union(given, StringComparer.OrdinalIgnoreCase)
                .OrderBy(name => name, StringComparer.OrdinalIgnoreCase)
                .Select(name => Of(configuration, name, known.GetValueOrDefault(name)))
        ];
    }

    private static EffectiveSetting Of(IConfigurationRoot configuration, string name, KnownSetting? known)
    {
        // The last provider that has a value wins.
        var provider = configuration.Providers.Reverse().FirstOrDefault(provider => provider.TryGet(name, out _));
        return provider is null
            ? new EffectiveSetting(name, SecretMask.Apply(name, known?.Default ?? ""), "default")
            : new EffectiveSetting(name, SecretMask.Apply(name, configuration[name] ?? ""), OriginOf(provider));
    }

    private static bool IsShown(string name) => Roots.Any(root =>
        name.StartsWith(root, StringComparison.OrdinalIgnoreCase) && (name.Length == root.Length
            || name[root.Length] == ':'));

    private static string OriginOf(IConfigurationProvider provider) => provider switch
    {
        JsonConfigurationProvider { Source: { } source } =>
            $"file {source.FileProvider?.GetFileInfo(source.Path ?? "").PhysicalPath ?? source.Path}",
        EnvironmentVariablesConfigurationProvider => "environment",
        MemoryConfigurationProvider => "command line",
        _ => provider.ToString() ?? "",
    };
}

/// <param name="Name">The full name.</param>
/// <param name="Value">The value; empty if there is none. Secrets are hidden.</param>
/// <param name="Origin"><c>default</c>, <c>file PATH</c>, <c>environment</c> or <c>command line</c>.</param>
internal sealed record EffectiveSetting(string Name, string Value, string Origin);
