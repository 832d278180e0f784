using System.Net;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Board;

/// <summary>Outside Development there is no page unless it is enabled, and never a demo.</summary>
public sealed class BoardInProductionTests
{
    private static readonly string[] Paths = ["/", "/board/board.js", "/board/config"];

    [Fact]
    public async Task Production_has_no_page()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings { Environment = "Production" });
        using var http = new HttpClient { BaseAddress = server.BaseAddress };
        foreach (var path in Paths)
        {
            Assert.Equal(
                HttpStatusCode.NotFound, (await http.GetAsync(path, TestContext.Current.CancellationToken)).StatusCode);
        }
    }

    [Fact]
    public async Task Page_enabled_in_Production_has_no_demo()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings
        {
            Environment = "Production",
            Variables = new() { ["OrdersActors__Board__Enabled"] = "true" },
        });
        using var http = new HttpClient { BaseAddress = server.BaseAddress };
        foreach (var path in Paths)
        {
            Assert.Equal(
                HttpStatusCode.OK, (await http.GetAsync(path, TestContext.Current.CancellationToken)).StatusCode);
        }

        Assert.Equal(
            """{"demo":null}""", await http.GetStringAsync("/board/config", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Page_disabled_in_Development_is_gone()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings
        {
            Variables = new() { ["OrdersActors__Board__Enabled"] = "false" },
        });
        using var http = new HttpClient { BaseAddress = server.BaseAddress };
        Assert.Equal(
            HttpStatusCode.NotFound, (await http.GetAsync("/", TestContext.Current.CancellationToken)).StatusCode);
    }
}
