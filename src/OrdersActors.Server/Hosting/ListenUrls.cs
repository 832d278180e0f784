using System.Globalization;
using OrdersActors.Server.Operators;

namespace OrdersActors.Server.Hosting;

/// <summary>
/// The URLs that the web server listens on. The first of these that is set counts: URLs (<c>--urls</c>,
/// <c>ASPNETCORE_URLS</c>, <c>Urls</c> in a file); ports on all addresses (<c>ASPNETCORE_HTTP_PORTS</c> and
/// <c>ASPNETCORE_HTTPS_PORTS</c>, which container images set); <c>http://localhost:5080</c>. Kestrel's own endpoints
/// (<c>Kestrel:Endpoints</c>) replace all of these. The operators' page has a URL of its own in addition.
/// </summary>
internal static class ListenUrls
{
    private const string Default = "http://localhost:5080";

    /// <summary>
    /// Chooses the URLs and writes them into the configuration, from which the web server reads them.
    /// </summary>
    /// <returns>Each URL with the setting that it comes from.</returns>
    /// <exception cref="StartupException">A port or a setting is invalid. The message names it.</exception>
    public static IReadOnlyList<(string Url, string Setting)> Resolve(IConfiguration configuration)
    {
        var operators = OperatorOptions.Read(configuration).Url;
        if (!string.IsNullOrEmpty(operators) && configuration.GetSection("Kestrel:Endpoints").GetChildren().Any())
        {
            configuration["Kestrel:Endpoints:Operators:Url"] = operators;
        }

        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren()
            .Where(endpoint => endpoint["Url"] is not null)
            .Select(endpoint => (endpoint["Url"]!, $"the setting {endpoint.Path}:Url"))
            .ToArray();
        if (endpoints.Length > 0)
        {
            return endpoints;
        }

        var urls = Find(configuration);
        if (!string.IsNullOrEmpty(operators))
        {
            urls = [.. urls, (operators, $"the setting {OperatorOptions.Section}:{nameof(OperatorOptions.Url)}")];
        }

        configuration["urls"] = string.Join(';', urls.Select(url => url.Url));
        // The web server logs a warning if both URLs and ports are set.
        configuration["http_ports"] = "";
        configuration["https_ports"] = "";
        return urls;
    }

    private static IReadOnlyList<(string Url, string Setting)> Find(IConfiguration configuration)
    {
        var given = Split(configuration["urls"]).Select(url => (url, $"the URL {url}")).ToArray();
        if (given.Length > 0)
        {
            return given;
        }

        (string Url, string Setting)[] ports =
        [
            .. Ports(configuration, "http"), .. Ports(configuration, "https"),
        ];
        return ports.Length > 0 ? ports : [(Default, $"the URL {Default}")];
    }

    private static IEnumerable<(string Url, string Setting)> Ports(IConfiguration configuration, string scheme)
    {
        var setting = $"ASPNETCORE_{scheme.ToUpperInvariant()}_PORTS";
        foreach (var port in Split(configuration[scheme + "_ports"]))
        {
            if (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                || number > ushort.MaxValue)
            {
                throw new StartupException(
                    $"{setting} must be port numbers from 0 to 65535, separated by semicolons, is '{port}'");
            }

            yield return ($"{scheme}://*:{port}", setting);
        }
    }

    private static string[] Split(string? values) =>
        (values ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
