using System.Text.RegularExpressions;
using OrdersActors.EndToEndTests.Protocol;

namespace OrdersActors.EndToEndTests.Clients;

/// <summary>The TypeScript client's own tests, with the commands that its README prints.</summary>
public sealed partial class TypeScriptClientTests(RunningServer running)
{
    private const string BoardCopy = "orders-client.js";

    // Only failing tests wait this long. The tests with the server take about four minutes.
    private static readonly TimeSpan TestTimeout = TimeSpan.FromMinutes(15);

    private static readonly string Server = Path.Combine(AppContext.BaseDirectory, "OrdersActors.Server.dll");

    [Fact]
    public async Task Tests_of_the_package_pass()
    {
        await TypeScriptPackage.BuiltAsync();
        using var copy = TypeScriptPackage.Copy();
        var (exitCode, output) = await NodeRuntime.RunAsync("npm", copy.Folder, TestTimeout, "test");
        Assert.True(exitCode == 0, output);
        AssertAllRan(output);
    }

    [Fact]
    public async Task Tests_with_the_real_server_pass()
    {
        await TypeScriptPackage.BuiltAsync();
        var (exitCode, output) = await NodeRuntime.RunAsync(
            "env", TypeScriptPackage.Folder, TestTimeout, $"ORDERS_SERVER={Server}", "npm", "run", "test:server");
        Assert.True(exitCode == 0, output);
        AssertAllRan(output);
    }

    [Fact]
    public async Task Client_that_the_board_serves_is_the_one_that_the_package_builds()
    {
        await TypeScriptPackage.BuiltAsync();
        var built = await File.ReadAllBytesAsync(
            Path.Combine(TypeScriptPackage.Folder, "dist", BoardCopy), TestContext.Current.CancellationToken);
        using var http = new HttpClient { BaseAddress = running.Server.BaseAddress };
        var served = await http.GetByteArrayAsync($"/board/{BoardCopy}", TestContext.Current.CancellationToken);
        Assert.True(
            built.AsSpan().SequenceEqual(served),
            $"The board's client is not the built one. In src/client-typescript, run: npm run build && "
            + $"cp dist/{BoardCopy} ../OrdersActors.Server/Board/wwwroot/");
    }

    /// <summary>Asserts by the summary of <c>node --test</c> that tests ran and none was skipped.</summary>
    private static void AssertAllRan(string output)
    {
        var counts = Counts.Matches(output).ToDictionary(
            count => count.Groups["name"].Value, count => int.Parse(count.Groups["count"].ValueSpan));
        Assert.True(
            counts["pass"] > 0 && counts["pass"] == counts["tests"] && counts["skipped"] + counts["todo"] == 0, output);
    }

    [GeneratedRegex(@"^\W+ (?<name>tests|pass|fail|cancelled|skipped|todo) (?<count>\d+)$", RegexOptions.Multiline)]
    private static partial Regex Counts { get; }
}
