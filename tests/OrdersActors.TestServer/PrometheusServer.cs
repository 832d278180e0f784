using System.Diagnostics;
using System.Net;
using System.Text.Json;

namespace OrdersActors.TestServer;

/// <summary>A real Prometheus of one test, which scrapes servers and evaluates alert rules.</summary>
public sealed class PrometheusServer : IAsyncDisposable
{
    private const string Program = "prometheus";
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("orders-actors-prometheus-").FullName;
    private readonly HttpClient _http;
    private readonly Process _process;
    private readonly CapturedOutput _output;

    private PrometheusServer(IEnumerable<IPEndPoint> servers, string rules, TimeSpan interval)
    {
        var settings = Path.Combine(_folder, "prometheus.yaml");
        var targets = string.Join(", ", servers.Select(server => $"\"{server}\""));
        var every = $"{interval.TotalMilliseconds:0}ms";
        File.WriteAllText(settings, $$"""
            global: { scrape_interval: {{every}}, scrape_timeout: {{every}}, evaluation_interval: {{every}} }
            rule_files: ["{{rules}}"]
            scrape_configs:
              - job_name: orders-actors
                static_configs: [{ targets: [{{targets}}] }]
            """);
        var address = $"127.0.0.1:{ServerProcess.FreePorts(1)[0]}";
        _http = new HttpClient { BaseAddress = new Uri($"http://{address}/") };
        _process = Process.Start(new ProcessStartInfo(Program,
        [
            $"--config.file={settings}", $"--storage.tsdb.path={_folder}/data", $"--web.listen-address={address}",
            "--log.level=warn",
        ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        })!;
        _output = new CapturedOutput(_process, null);
    }

    /// <summary>Whether Prometheus and promtool are installed.</summary>
    public static bool IsInstalled => File.Exists("/usr/bin/prometheus") && File.Exists("/usr/bin/promtool");

    /// <summary>Starts it.</summary>
    /// <param name="servers">The addresses of <c>/metrics</c>.</param>
    /// <param name="rules">The file of the alert rules.</param>
    /// <param name="interval">How often it scrapes and evaluates.</param>
    public static async Task<PrometheusServer> StartAsync(
        IEnumerable<IPEndPoint> servers, string rules, TimeSpan interval)
    {
        var prometheus = new PrometheusServer(servers, rules, interval);
        try
        {
            var waited = Stopwatch.StartNew();
            while (!await prometheus.IsReadyAsync())
            {
                if (prometheus._process.HasExited || waited.Elapsed > StartTimeout)
                {
                    throw new InvalidOperationException($"Prometheus did not start:\n{prometheus._output}");
                }

                await Task.Delay(50);
            }

            return prometheus;
        }
        catch
        {
            await prometheus.DisposeAsync();
            throw;
        }
    }

    /// <summary>Evaluates an expression now. Returns the labels and the value of each series.</summary>
    /// <exception cref="InvalidOperationException">The expression is not valid.</exception>
    public async Task<IReadOnlyList<(string Labels, double Value)>> QueryAsync(string expression)
    {
        var data = await GetAsync($"api/v1/query?query={Uri.EscapeDataString(expression)}");
        return
        [
            .. data.GetProperty("result").EnumerateArray().Select(series => (
                series.GetProperty("metric").GetRawText(),
                double.Parse(
                    series.GetProperty("value")[1].GetString()!,
                    System.Globalization.CultureInfo.InvariantCulture))),
        ];
    }

    /// <summary>The names of the alerts that fire.</summary>
    public async Task<string[]> GetFiringAsync()
    {
        var data = await GetAsync("api/v1/alerts");
        return
        [
            .. data.GetProperty("alerts").EnumerateArray()
                .Where(alert => alert.GetProperty("state").GetString() == "firing")
                .Select(alert => alert.GetProperty("labels").GetProperty("alertname").GetString()!).Distinct(),
        ];
    }

    /// <summary>The name and the last error of each rule; the error is empty if there is none.</summary>
    public async Task<IReadOnlyList<(string Name, string Expression, string Error)>> GetRulesAsync()
    {
        var data = await GetAsync("api/v1/rules");
        return
        [
            .. data.GetProperty("groups").EnumerateArray()
                .SelectMany(group => group.GetProperty("rules").EnumerateArray())
                .Select(rule => (
                    rule.GetProperty("name").GetString()!,
                    rule.GetProperty("query").GetString()!,
                    rule.TryGetProperty("lastError", out var error) ? error.GetString()! : "")),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await _http.GetAsync("-/ready");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // It does not listen yet.
            return false;
        }
    }

    private async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await _http.GetAsync(path);
        var text = await answer.Content.ReadAsStringAsync();
        using var json = JsonDocument.Parse(text);
        return json.RootElement.GetProperty("status").GetString() == "success"
            ? json.RootElement.GetProperty("data").Clone()
            : throw new InvalidOperationException(text);
    }
}
