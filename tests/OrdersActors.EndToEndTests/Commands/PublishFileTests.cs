using System.Text.Json;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Commands;

/// <summary><c>publish --file</c>: many events; the events of each order keep the order of the file.</summary>
public sealed class PublishFileTests(QuickKeysServer running) : IClassFixture<QuickKeysServer>
{
    private ServerProcess Server => running.Server;

    [Fact]
    public async Task Five_thousand_events_keep_the_order_of_the_file_per_order()
    {
        const int events = 5000, orders = 300, organizations = 7;
        static int OrganizationOf(int order) => order % organizations;
        var lines = Enumerable.Range(0, events)
            .Select(i => Line($"org-{OrganizationOf(i % orders)}", $"file-{i % orders}", $"s{i}"));
        using var file = new TempFile(string.Join('\n', lines));
        var clients = await Task.WhenAll(Enumerable.Range(0, organizations).Select(n => SubscribeAsync($"org-{n}")));

        var result = await Server.RunAsync("publish", "--file", file.Path);

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Matches(@"^published 5000 events in [0-9.]+ s, [1-9][0-9]* events/s\n$", result.Output);
        for (var n = 0; n < organizations; n++)
        {
            var expected = Enumerable.Range(0, events).Where(i => OrganizationOf(i % orders) == n).ToArray();
            await clients[n].WaitForEventsAsync(expected.Length);
            var seen = clients[n].Events;
            Assert.Equal(Enumerable.Range(1, expected.Length), seen.Select(e => e.GetProperty("sequence").GetInt32()));
            foreach (var order in seen.GroupBy(e => e.GetProperty("order_id").GetString()))
            {
                Assert.Equal(
                    Enumerable.Range(1, order.Count()), order.Select(e => e.GetProperty("version").GetInt32()));
                Assert.Equal(
                    expected.Where(i => $"file-{i % orders}" == order.Key).Select(i => $"s{i}"),
                    order.Select(e => e.GetProperty("status").GetString()));
            }

            await clients[n].DisposeAsync();
        }
    }

    [Fact]
    public async Task Lines_are_read_from_stdin_and_blank_lines_are_skipped()
    {
        const string detailed =
            """{"organization_id":"stdin","order_id":"stdin-1","status":"paid","id":"stdin-"""
            + """evt","occurred_at":"2031-02-03T04:05:06Z","details":{"a": [1.0]}}""";
        var input = string.Join('\n', Line("stdin", "stdin-1", "created"), "", "  ", detailed, "");
        var result = await Server.RunAsync(input, ["publish", "--file", "-"]);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.StartsWith("published 2 events", result.Output, StringComparison.Ordinal);
        var again = await Server.RunAsync(detailed, ["publish", "--file", "-"]);
        Assert.Matches(@"^published 1 events in [0-9.]+ s, [0-9]+ events/s, 1 repeats\n$", again.Output);
        // Publishing the event again prints the stored event.
        using var stored = JsonDocument.Parse(await Server.RunPublishAsync(
            "stdin", "stdin-1", "paid", "--id", "stdin-evt", "--occurred-at", "2031-02-03T04:05:06Z", "--details",
            """{"a":[1.0]}"""));
        Assert.Equal("paid", stored.RootElement.GetProperty("status").GetString());
        Assert.Equal(2, stored.RootElement.GetProperty("version").GetInt32());
        Assert.Equal("2031-02-03T04:05:06.000000Z", stored.RootElement.GetProperty("occurred_at").GetString());
        Assert.Equal("""{"a":[1.0]}""", stored.RootElement.GetProperty("details").GetRawText());
    }

    [Fact]
    public async Task Empty_input_succeeds_at_once()
    {
        var result = await Server.RunAsync("", ["publish", "--file", "-"]);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.StartsWith("published 0 events", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"organization_id":"ORG","order_id":"o","status":7}""", "status")]
    [InlineData("""{"organization_id":"ORG","order_id":"o"}""", "status")]
    [InlineData("""{"organization_id":"ORG","status":"s"}""", "order_id")]
    [InlineData("""{"order_id":"o","status":"s"}""", "organization_id")]
    [InlineData("""{"organization_id":"ORG","order_id":"o","status":"s","details":[1]}""", "details")]
    [InlineData("""{"organization_id":"ORG","order_id":"o","status":"s","occurred_at":"soon"}""", "occurred_at")]
    [InlineData("""{"organization_id":"ORG","order_id":"o","status":"s","statsu":"t"}""", "statsu")]
    [InlineData("not JSON", "JSON")]
    public async Task Bad_line_is_named_with_its_field(string bad, string field)
    {
        var organization = $"bad-{Guid.NewGuid():N}";
        string[] lines = [Line(organization, organization, "created"), "",
            bad.Replace("ORG", organization, StringComparison.Ordinal)];
        var line = await Failing.WithOneLineAsync(
            Server.RunAsync(string.Join('\n', lines), ["publish", "--file", "-"]), field, "published 1 events");
        Assert.StartsWith("line 3: ", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_before_a_bad_line_are_published_and_lines_after_it_are_not()
    {
        var before = Enumerable.Range(0, 20).Select(i => Line("mid", $"mid-{i % 4}", $"s{i}"));
        string[] lines = [.. before, Line("mid", "mid-after", ""), Line("mid", "mid-after", "never")];
        await Failing.WithOneLineAsync(
            Server.RunAsync(string.Join('\n', lines), ["publish", "--file", "-"]), "line 21", "status",
            "published 20 events");
        using var next = JsonDocument.Parse(await Server.RunPublishAsync("mid", "mid-after", "created"));
        Assert.Equal(21, next.RootElement.GetProperty("sequence").GetInt32());
        Assert.Equal(1, next.RootElement.GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task Id_reused_with_other_content_is_named()
    {
        await Server.PublishAsync("reused", "reused-1", "created", id: "reused-id");
        var other = """{"organization_id":"reused","order_id":"reused-1","status":"paid","id":"reused-id"}""";
        var result = await Server.RunAsync(
            string.Join('\n', Line("reused", "reused-2", "created"), other), ["publish", "--file", "-"]);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("reused-id", result.Error, StringComparison.Ordinal);
        using var next = JsonDocument.Parse(await Server.RunPublishAsync("reused", "reused-1", "packed"));
        Assert.Equal(2, next.RootElement.GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task Byte_order_mark_is_accepted_in_files_and_stdin()
    {
        using var file = new TempFile("\uFEFF" + Line("mark", "mark-1", "created"));
        var fromFile = await Server.RunAsync("publish", "--file", file.Path);
        Assert.True(fromFile.ExitCode == 0, fromFile.ToString());
        var fromInput = await Server.RunAsync("\uFEFF" + Line("mark", "mark-1", "paid"), ["publish", "--file", "-"]);
        Assert.True(fromInput.ExitCode == 0, fromInput.ToString());
    }

    [Fact]
    public async Task Line_that_is_not_UTF_8_is_named_and_stores_nothing()
    {
        using var file = new TempFile("");
        byte[] latin = [.. "{\"organization_id\":\"latin\",\"order_id\":\"caf"u8, 0xE9, .. "\",\"status\":\"a\"}\n"u8];
        await File.WriteAllBytesAsync(file.Path, latin, TestContext.Current.CancellationToken);
        await Failing.WithOneLineAsync(
            Server.RunAsync("publish", "--file", file.Path), "line 1", "UTF-8", "published 0 events");
    }

    [Fact]
    public async Task Endless_line_is_refused() =>
        await Failing.WithOneLineAsync(
            Server.RunAsync(Line("endless", "o", "a") + "\n" + new string('x', 8_000_000), ["publish", "--file", "-"]),
            "line 2: must have at most", "published 1 events", "--from-line 2");

    [Fact]
    public async Task Failed_file_continues_at_the_line_that_the_message_names()
    {
        string[] lines = [Line("resumed", "r-1", "a"), Line("resumed", "r-1", "b"), Line("resumed", "r-1", ""),
            Line("resumed", "r-1", "d")];
        var line = await Failing.WithOneLineAsync(
            Server.RunAsync(string.Join('\n', lines), ["publish", "--file", "-"]), "line 3", "published 2 events");
        Assert.EndsWith(
            "continue with --from-line 3: all lines before it are stored, none after it", line,
            StringComparison.Ordinal);
        lines[2] = Line("resumed", "r-1", "c");
        var rest = await Server.RunAsync(string.Join('\n', lines), ["publish", "--file", "-", "--from-line", "3"]);
        Assert.StartsWith("published 2 events", rest.Output, StringComparison.Ordinal);
        using var next = JsonDocument.Parse(await Server.RunPublishAsync("resumed", "r-1", "e"));
        Assert.Equal(5, next.RootElement.GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task Missing_file_is_named()
    {
        var missing = Path.Combine(Path.GetTempPath(), $"orders-actors-{Guid.NewGuid():N}.jsonl");
        await Failing.WithOneLineAsync(Server.RunAsync("publish", "--file", missing), missing);
        await Failing.WithOneLineAsync(Server.RunAsync("publish", "--file", Path.GetTempPath()), Path.GetTempPath());
    }

    private async Task<SeedClient> SubscribeAsync(string organization)
    {
        var (key, secret) = await Server.CreateKeyAsync(organization);
        var client = await SeedClient.ConnectAsync(Server.WebSocketAddress, key, SeedClient.Sign(key, secret));
        await client.SubscribeAsync();
        return client;
    }

    private static string Line(string organization, string order, string status) =>
        JsonSerializer.Serialize(new { organization_id = organization, order_id = order, status });
}
