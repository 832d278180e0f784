using System.Text.Json;
using System.Text.RegularExpressions;

namespace OrdersActors.EndToEndTests.Telemetry;

/// <summary>The dashboard and the alert rules that operators get, and what they need from the servers.</summary>
internal static partial class Monitoring
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Monitoring");

    /// <summary>The file of the alert rules.</summary>
    public static string Rules { get; } = Path.Combine(Folder, "alerts.yaml");

    /// <summary>The file of the tests of the alert rules.</summary>
    public static string RuleTests { get; } = Path.Combine(Folder, "alerts.test.yaml");

    /// <summary>The expressions of all panels, with the panel's title. They are for all servers.</summary>
    /// <param name="interval">The range of the rates, such as 30s.</param>
    public static IReadOnlyList<(string Panel, string Expression)> Panels(string interval)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "dashboard.json")));
        return
        [
            .. from panel in json.RootElement.GetProperty("panels").EnumerateArray()
               where panel.GetProperty("type").GetString() != "row"
               from target in panel.GetProperty("targets").EnumerateArray()
               let expression = target.GetProperty("expr").GetString()!
               select (
                   panel.GetProperty("title").GetString()!,
                   expression.Replace("$__rate_interval", interval, StringComparison.Ordinal)
                       .Replace("$instance", ".*", StringComparison.Ordinal)),
        ];
    }

    /// <summary>The metrics of the servers that an expression of a rule names.</summary>
    public static IEnumerable<string> MetricsOf(string expression) =>
        Metric.Matches(expression).Select(match => match.Value).Distinct();

    // Other words of the rules are functions, labels and keywords, which do not begin like this.
    [GeneratedRegex(@"\b(?:orders_actors|orleans|dotnet|kestrel|http|db)_[a-z0-9_]+\b")]
    private static partial Regex Metric { get; }
}
