using System.Text.Json;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Commands;

/// <summary><c>publish</c> with one event.</summary>
public sealed class PublishTests(QuickKeysServer running) : IClassFixture<QuickKeysServer>
{
    private ServerProcess Server => running.Server;

    [Fact]
    public async Task Event_is_printed_with_its_numbers()
    {
        var before = DateTime.UtcNow.AddSeconds(-1);
        var first = Parse(await Server.RunPublishAsync("printed", "printed-1", "created"));
        var second = Parse(await Server.RunPublishAsync("printed", "printed-2", "created"));
        var third = Parse(await Server.RunPublishAsync("printed", "printed-1", "paid"));

        Assert.Equal([1, 1, 2], new[] { first, second, third }.Select(e => e.GetProperty("version").GetInt32()));
        Assert.Equal([1, 2, 3], new[] { first, second, third }.Select(e => e.GetProperty("sequence").GetInt32()));
        Assert.Equal("printed", third.GetProperty("organization_id").GetString());
        Assert.Equal("printed-1", third.GetProperty("order_id").GetString());
        Assert.Equal("paid", third.GetProperty("status").GetString());
        Assert.NotEqual(first.GetProperty("id").GetString(), third.GetProperty("id").GetString());
        Assert.InRange(third.GetProperty("occurred_at").GetDateTime(), before, DateTime.UtcNow.AddSeconds(1));
        Assert.False(third.TryGetProperty("details", out _));
    }

    [Fact]
    public async Task Id_published_again_stores_nothing_and_prints_the_stored_event()
    {
        var first = await Server.RunPublishAsync("again", "again-1", "created", "--id", "evt-1");
        var repeat = await Server.RunPublishAsync("again", "again-1", "created", "--id", "evt-1");
        Assert.Equal(first[..^1] + ",\"repeat\":true}", repeat);
        var conflict = await PublishAsync("again", "again-1", "something else", "--id", "evt-1");
        Assert.Equal(3, conflict.ExitCode);
        Assert.Contains("with another status", conflict.Error, StringComparison.Ordinal);
        var next = Parse(await Server.RunPublishAsync("again", "again-1", "paid"));
        Assert.Equal(2, next.GetProperty("version").GetInt32());
        Assert.Equal(2, next.GetProperty("sequence").GetInt32());
    }

    [Fact]
    public async Task Time_and_details_are_printed_as_given()
    {
        const string details = """{"carrier":"Größe & <b>","n":1.50,"list":[1e2,{"x":null}]}""";
        var printed = await Server.RunPublishAsync(
            "given", "given-1", "shipped", "--occurred-at", "2031-02-03T04:05:06.789+02:00", "--details", details,
            "--id", "größe-1");
        Assert.Contains(details, printed, StringComparison.Ordinal);
        var e = Parse(printed);
        Assert.Equal("2031-02-03T02:05:06.789000Z", e.GetProperty("occurred_at").GetString());
        Assert.Equal("größe-1", e.GetProperty("id").GetString());
    }

    [Fact]
    public async Task Two_organizations_use_the_same_order_id_independently()
    {
        await Server.RunPublishAsync("one", "same-1", "created");
        var other = Parse(await Server.RunPublishAsync("another", "same-1", "created"));
        Assert.Equal(1, other.GetProperty("version").GetInt32());
        Assert.Equal(1, other.GetProperty("sequence").GetInt32());
        Assert.Equal(2, Parse(await Server.RunPublishAsync("one", "same-1", "paid")).GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task Event_is_printed_on_one_line_regardless_of_the_format_of_its_details()
    {
        var printed = await Server.RunPublishAsync(
            "lines", "lines-1", "created", "--details", "{\n  \"a\": 1.0,\r\n\t\"b\": \"x y\"\n}");
        Assert.DoesNotContain('\n', printed);
        Assert.Contains("\"details\":{\"a\":1.0,\"b\":\"x y\"}", printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lengths_count_unicode_scalar_values()
    {
        string Emojis(int count) => string.Concat(Enumerable.Repeat("😀", count));
        var printed = await Server.RunPublishAsync("runes", Emojis(128), Emojis(64), "--id", Emojis(128));
        Assert.Equal(1, Parse(printed).GetProperty("version").GetInt32());
    }

    public static TheoryData<string, string, string> BadFields => new()
    {
        { "organization_id", "--organization", "" },
        { "organization_id", "--organization", new string('o', 65) },
        { "order_id", "--order", "" },
        { "order_id", "--order", new string('o', 129) },
        { "order_id", "--order", "two\nlines" },
        { "status", "--status", "" },
        { "status", "--status", new string('s', 65) },
        { "id", "--id", "" },
        { "id", "--id", new string('i', 129) },
        { "occurred_at", "--occurred-at", "yesterday" },
        { "occurred_at", "--occurred-at", "" },
        { "occurred_at", "--occurred-at", "2031-02-03T04:05:06" },
        { "occurred_at", "--occurred-at", "2031-02-03 04:05:06Z" },
        { "occurred_at", "--occurred-at", "0001-01-01T00:00:00Z" },
        { "details", "--details", "[]" },
        { "details", "--details", "{" },
        { "details", "--details", "" },
        { "details", "--details", "{\"name\":\"\\udc00\"}" },
        { "details", "--details", "{\"a\":" + new string('[', 60) + new string(']', 60) + "}" },
        { "details", "--details", $$"""{"x":"{{new string('x', 64 * 1024)}}"}""" },
    };

    [Theory]
    [MemberData(nameof(BadFields), DisableDiscoveryEnumeration = true)]
    public async Task Bad_field_is_named_without_calling_a_server(string field, string option, string value)
    {
        var args = new Dictionary<string, string>
        {
            ["--organization"] = "bad",
            ["--order"] = "bad-1",
            ["--status"] = "created",
            [option] = value,
        };
        await using var nowhere = ServerProcess.Create();
        var line = await Failing.WithOneLineAsync(
            nowhere.RunAsync(["publish", .. args.SelectMany(a => new[] { a.Key, a.Value })]));
        Assert.StartsWith(field + " ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("no server", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_fields_store_nothing()
    {
        await Failing.WithOneLineAsync(PublishAsync("bad", "bad-1", "created", "--details", "[]"), "details");
        await Failing.WithOneLineAsync(PublishAsync("bad", "bad-1", ""), "status");
        var stored = Parse(await Server.RunPublishAsync("bad", "bad-1", "created"));
        Assert.Equal(1, stored.GetProperty("sequence").GetInt32());
    }

    [Fact]
    public async Task Address_is_named_if_no_server_runs_there()
    {
        await using var nowhere = ServerProcess.Create();
        string[] publish = ["publish", "--organization", "o", "--order", "o-1", "--status", "created"];
        await Failing.WithOneLineAsync(nowhere.RunAsync(publish), $"127.0.0.1:{nowhere.GatewayPort}");
        await Failing.WithOneLineAsync(
            nowhere.RunAsync(
                "{\"organization_id\":\"o\",\"order_id\":\"o-1\",\"status\":\"created\"}", ["publish", "--file", "-"]),
            $"127.0.0.1:{nowhere.GatewayPort}");
        var other = ServerProcess.FreePorts(1)[0];
        await Failing.WithOneLineAsync(
            nowhere.RunAsync([.. publish, "--gateway", $"127.0.0.1:{other}"]), $"127.0.0.1:{other}");
        await Failing.WithOneLineAsync(nowhere.RunAsync([.. publish, "--gateway", "nowhere"]), "HOST:PORT", "nowhere");
        await Failing.WithOneLineAsync(nowhere.RunAsync([.. publish, "--gateway", $"[::1]:{other}"]), $"[::1]:{other}");
        await Failing.WithOneLineAsync(nowhere.RunAsync([.. publish, "--gateway", $"::1:{other}"]), "brackets");
        await Failing.WithOneLineAsync(
            nowhere.RunAsync([.. publish, "--gateway", "no-such-host.invalid:1"]), "no-such-host.invalid");
    }

    [Fact]
    public async Task Port_of_another_service_is_named()
    {
        // The port of the web server: it accepts the connection but uses another protocol.
        var port = Server.BaseAddress.Port;
        await Failing.WithOneLineAsync(
            PublishAsync("o", "else-1", "created", "--gateway", $"127.0.0.1:{port}", "--timeout", "1"),
            $"127.0.0.1:{port}");
    }

    [Theory]
    [InlineData("publish", "--organization")]
    [InlineData("publish --organization o --order o-1", "--status")]
    [InlineData("publish --file x --order o-1", "--order")]
    [InlineData("publish --file x --id i", "--id")]
    [InlineData("publish --file x --from-line 0", "--from-line")]
    [InlineData("publish --organization o --order o-1 --status s --from-line 2", "--from-line")]
    [InlineData("publish --organization o --order o-1 --status s --timeout -1", "--timeout")]
    [InlineData("publish --organization o --order o-1 --status s --timeout soon", "--timeout")]
    public Task Usage_is_shown_for_wrong_arguments(string args, string named) =>
        Failing.WithUsageAsync(Server.RunAsync(args.Split(' ')), named);

    private Task<CommandResult> PublishAsync(string organization, string order, string status, params string[] more) =>
        Server.RunAsync(["publish", "--organization", organization, "--order", order, "--status", status, .. more]);

    private static JsonElement Parse(string json) => JsonSerializer.Deserialize<JsonElement>(json);
}
