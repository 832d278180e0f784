using OrdersActors.Checker;
using OrdersActors.Checker.Proxy;
using OrdersActors.EndToEndTests.Clients;

namespace OrdersActors.EndToEndTests.NothingLost;

/// <summary>The checker with the client libraries, behind a proxy that breaks connections.</summary>
public sealed class LibraryTests : CheckedRun
{
    [Fact]
    public async Task Handlers_of_both_libraries_get_everything_while_servers_and_connections_fail()
    {
        await TypeScriptPackage.BuiltAsync();
        var (result, account) = await RunAsync(SmallLibraries with
        {
            Duration = TimeSpan.FromSeconds(45),
            KillEvery = (6, 12),
            StopFor = 5,
            ProxyEvery = (2, 4),
            HalfOpenFor = 20,
        });

        Assert.True(result.IsGreen, account);
        Assert.Equal(Enum.GetValues<ProxyFault>(), result.Counts.ProxyFaultCounts.Keys.Order());
        Assert.Equal(2, result.Counts.Libraries.Count);
        Assert.All(result.Counts.Libraries, library =>
        {
            Assert.True(library.ReceivedCount > 0 && library.RejoinCount > 0, account);
            Assert.True(library.ConnectionCount > library.Clients, account);
        });
    }

    [Fact]
    public async Task Handlers_of_both_libraries_learn_that_commits_were_lost_and_begin_again()
    {
        await TypeScriptPackage.BuiltAsync();
        var (result, account) = await RunAsync(RewrittenHistory with
        {
            Client = ClientChoice.All,
            Clients = SmallLibraries.Clients,
            TypeScriptFolder = TypeScriptPackage.Folder,
        });

        Assert.True(result.IsGreen, account);
        Assert.All(result.Counts.Libraries, library => Assert.True(library.GapCount > 0, account));
    }

    [Theory]
    [InlineData("if (++count % 50) handler(event);", "")]
    [InlineData("handler(event); if (++count % 50 === 0) handler(event);", "")]
    [InlineData("if (++own < 10) handler(event);", "in the end")]
    [InlineData("if (++count === 50) process.exit(3); handler(event);", "to exit with 0")]
    public async Task Library_that_loses_or_repeats_an_event_or_becomes_deaf_or_ends_the_process_is_red(
        string handle, string expected)
    {
        await TypeScriptPackage.BuiltAsync();
        using var broken = new BrokenTypeScriptPackage(handle);
        var (result, account) = await RunAsync(SmallLibraries with
        {
            Client = ClientChoice.TypeScript,
            TypeScriptFolder = broken.Folder,
            Duration = TimeSpan.FromSeconds(15),
            QuietTimeout = TimeSpan.FromSeconds(8),
        });

        Assert.False(result.IsGreen, account);
        Assert.Contains(expected, result.Found!.Expected, StringComparison.Ordinal);
    }

    private static CheckOptions SmallLibraries => Small with
    {
        Client = ClientChoice.All,
        Clients = 54,
        TypeScriptFolder = TypeScriptPackage.Folder,
    };

    /// <summary>
    /// The library with handlers that are called in a wrong way. The calls of all handlers are counted together, and
    /// those of each handler alone.
    /// </summary>
    private sealed class BrokenTypeScriptPackage : IDisposable
    {
        public BrokenTypeScriptPackage(string handle)
        {
            Directory.CreateDirectory(Path.Combine(Folder, "dist"));
            Directory.CreateSymbolicLink(
                Path.Combine(Folder, "node_modules"), Path.Combine(TypeScriptPackage.Folder, "node_modules"));
            var module = new Uri(Path.Combine(TypeScriptPackage.Folder, "dist", "index.js"));
            File.WriteAllText(Path.Combine(Folder, "package.json"), """{ "type": "module" }""");
            File.WriteAllText(Path.Combine(Folder, "dist", "index.js"), $$"""
                import { OrdersClient as Client } from "{{module}}";
                let count = 0;
                export class OrdersClient extends Client {
                  subscribeAll(handler, options) {
                    let own = 0;
                    return super.subscribeAll(handler && (event => { {{handle}} }), options);
                  }
                }
                """);
        }

        public string Folder { get; } = Directory.CreateTempSubdirectory("orders-broken-").FullName;

        public void Dispose() => Directory.Delete(Folder, recursive: true);
    }
}
