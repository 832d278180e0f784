using System.Globalization;
using System.Net;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Commands;

/// <summary>The sources of settings, and the effect of the environment's name.</summary>
public sealed class SettingsTests
{
    private const string Variable = "OrdersActors__FrontEnd__MaxQueuedBytes";
    private const string Setting = "--OrdersActors:FrontEnd:MaxQueuedBytes";
    private const string FileText = """{"OrdersActors":{"FrontEnd":{"MaxQueuedBytes":"from the file"}}}""";

    [Fact]
    public async Task Environment_overrides_the_file_and_the_command_line_overrides_the_environment()
    {
        using var file = new TempFile(FileText);
        await using var onlyFile = ServerProcess.Create();
        await Failing.WithOneLineAsync(onlyFile.RunAsync("serve", "--config", file.Path), "'from the file'");
        await using var both = ServerProcess.Create(
            new ServerSettings { Variables = { [Variable] = "from the environment" } });
        await Failing.WithOneLineAsync(both.RunAsync("serve", "--config", file.Path), "'from the environment'");
        foreach (string[] typed in new string[][] { [Setting + "=typed"], [Setting, "typed"] })
        {
            await Failing.WithOneLineAsync(both.RunAsync(["serve", "--config", file.Path, .. typed]), "'typed'");
            await Failing.WithOneLineAsync(both.RunAsync([.. typed, "--config", file.Path]), "'typed'");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Gateway_listens_on_the_port_of_the_command_line(bool withEqualsSign)
    {
        const string name = "--OrdersActors:GatewayPort";
        var port = ServerProcess.FreePorts(1)[0].ToString(CultureInfo.InvariantCulture);
        await using var server = await ServerProcess.StartAsync(new ServerSettings
        {
            Arguments = withEqualsSign ? ["serve", $"{name}={port}"] : [name, port],
        });
        await server.RunPublishAsync("demo", "o-1", "created", "--gateway", $"127.0.0.1:{port}");
        await server.RunPublishAsync("demo", "o-1", "paid", "--gateway", $"localhost:{port}");
        await Failing.WithOneLineAsync(
            server.RunAsync("publish", "--organization", "demo", "--order", "o-1", "--status", "lost"),
            $"{server.GatewayPort}");
    }

    [Fact]
    public async Task Publish_finds_the_gateway_in_the_file_and_the_settings_and_names_it()
    {
        await using var server = await ServerProcess.StartAsync();
        using var file = new TempFile($$$"""{"OrdersActors":{"GatewayPort":{{{server.GatewayPort}}}}}""");
        await using var elsewhere = ServerProcess.Create(
            new ServerSettings { Variables = { ["OrdersActors__GatewayPort"] = "" } });
        string[] publish = ["publish", "--organization", "demo", "--order", "o-1", "--status"];
        foreach (string[] settings in new string[][]
        {
            ["--config", file.Path], [$"--OrdersActors:GatewayPort={server.GatewayPort}"],
        })
        {
            var result = await elsewhere.RunAsync([.. publish, "created", .. settings]);
            Assert.True(result.ExitCode == 0, result.ToString());
            Assert.Contains($"127.0.0.1:{server.GatewayPort}", result.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Another_configuration_file_and_environment_are_loaded()
    {
        using var file = new TempFile("""{"OrdersActors":{"Board":{"Enabled":true}}}""");
        await using var server = await ServerProcess.StartAsync(new ServerSettings
        {
            Arguments = ["--config", file.Path, "--environment", "Production"],
        });
        using var http = new HttpClient();
        // Only the file enables the board; the demo account is missing.
        Assert.Equal(
            HttpStatusCode.OK,
            (await http.GetAsync(server.BaseAddress, TestContext.Current.CancellationToken)).StatusCode);
        await RefusesDemoAsync(server);
    }

    [Fact]
    public async Task Production_has_neither_board_nor_demo_account_even_with_data_of_Development()
    {
        var data = Directory.CreateTempSubdirectory("orders-actors-");
        using var http = new HttpClient();
        await using (var development = await ServerProcess.StartAsync(
            new ServerSettings { DataDirectory = data.FullName }))
        {
            var board = await http.GetAsync(development.BaseAddress, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, board.StatusCode);
            await using var client = await SeedClient.ConnectAsync(
                development.WebSocketAddress, "demo-key", SeedClient.Sign("demo-key", "demo-secret"));
            await development.PublishAsync("demo", "o-1", "created");
            await client.SubscribeAsync("o-1");
            await development.StopAsync();
        }

        await using var production = await ServerProcess.StartAsync(
            new ServerSettings { Environment = "Production", DataDirectory = data.FullName });
        foreach (var path in new[] { "/", "/board/config", "/board/index.html" })
        {
            var page = await http.GetAsync(
                new Uri(production.BaseAddress, path), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
        }

        await RefusesDemoAsync(production);
        Assert.Empty((await production.RunAsync("keys", "list")).Output);
        await production.StopAsync();
        data.Delete(recursive: true);
    }

    private static async Task RefusesDemoAsync(ServerProcess server)
    {
        await using var client = await SeedClient.OpenAsync(server.WebSocketAddress);
        await client.SendAsync(SeedClient.Connect("demo-key"));
        await client.ExpectErrorAsync("invalid_api_key");
        await client.SendAsync(SeedClient.Connect("demo-key", SeedClient.Sign("demo-key", "demo-secret")));
        await client.ExpectErrorAsync("invalid_api_key", 2);
    }
}
