using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Commands;

/// <summary>
/// The events that publishing commands reported as stored, to verify them after the server was stopped or killed.
/// </summary>
internal sealed class Ledger(ServerProcess server, string organization)
{
    private readonly ConcurrentBag<JsonElement> _acknowledged = [];

    public int Count => _acknowledged.Count;

    /// <summary>
    /// Publishes event after event to one order, until a command fails or <paramref name="stop"/> is cancelled. The
    /// timeout of a command is long enough for a busy machine: only a server that has ended lets one fail.
    /// </summary>
    public async Task PublishUntilRefusedAsync(string order, CancellationToken stop)
    {
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            var result = await server.RunAsync(
                "publish", "--organization", organization, "--order", order, "--status", $"s{number}", "--timeout",
                "10");
            if (result.ExitCode != 0)
            {
                Assert.Single(result.Error.TrimEnd().Split('\n'));
                return;
            }

            Add(result.Output);
        }
    }

    /// <summary>Waits until this many commands have returned.</summary>
    public async Task WaitForAsync(int count)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        while (Count < count)
        {
            await Task.Delay(20, timeout.Token);
        }
    }

    public void Add(string json)
    {
        using var document = JsonDocument.Parse(json);
        _acknowledged.Add(document.RootElement.Clone());
    }

    /// <summary>
    /// Asserts that the server still has every acknowledged event. Publishing all of them again under their ids must
    /// store nothing, which the organization's next numbers show.
    /// </summary>
    public async Task VerifyAsync()
    {
        Assert.Equal(Count, _acknowledged.Select(Sequence).Distinct().Count());
        var highest = _acknowledged.Max(Sequence);
        var before = await PublishProbeAsync();
        Assert.True(before > highest, "A sequence number was assigned twice.");
        var lines = new StringBuilder();
        foreach (var e in _acknowledged)
        {
            lines.AppendLine(JsonSerializer.Serialize(new
            {
                organization_id = organization,
                order_id = e.GetProperty("order_id").GetString(),
                status = e.GetProperty("status").GetString(),
                id = e.GetProperty("id").GetString(),
            }));
        }

        var again = await server.RunAsync(lines.ToString(), ["publish", "--file", "-"]);
        Assert.True(again.ExitCode == 0, again.ToString());
        Assert.Equal(before + 1, await PublishProbeAsync());
    }

    /// <summary>Asserts that the last acknowledged event is stored exactly as its command printed it.</summary>
    public async Task VerifyLastAsync()
    {
        var last = _acknowledged.MaxBy(Sequence);
        var stored = await server.RunPublishAsync(
            organization, last.GetProperty("order_id").GetString()!, last.GetProperty("status").GetString()!,
            "--id", last.GetProperty("id").GetString()!);
        // The second publish is a repeat, and says so.
        Assert.Contains(",\"repeat\":true", stored, StringComparison.Ordinal);
        using var found = JsonDocument.Parse(stored.Replace(",\"repeat\":true", "", StringComparison.Ordinal));
        Assert.True(JsonElement.DeepEquals(last, found.RootElement), stored);
    }

    private static long Sequence(JsonElement e) => e.GetProperty("sequence").GetInt64();

    private async Task<long> PublishProbeAsync()
    {
        using var json = JsonDocument.Parse(await server.RunPublishAsync(
            organization, "probe", string.Create(CultureInfo.InvariantCulture, $"after {Count}")));
        var sequence = Sequence(json.RootElement);
        _acknowledged.Add(json.RootElement.Clone());
        return sequence;
    }
}
