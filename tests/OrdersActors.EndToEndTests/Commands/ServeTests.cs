using System.Net;
using System.Net.Sockets;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Commands;

/// <summary>A server that cannot start reports the reason in one line. Wrong arguments show the usage.</summary>
public sealed class ServeTests(QuickKeysServer running) : IClassFixture<QuickKeysServer>
{
    [Theory]
    [InlineData("ASPNETCORE_URLS", "http://127.0.0.1:{0}")]
    [InlineData("OrdersActors__SiloPort", "{0}")]
    [InlineData("OrdersActors__GatewayPort", "{0}")]
    public async Task Taken_port_is_named(string variable, string value)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = $"{((IPEndPoint)other.LocalEndpoint).Port}";
        await FailsAsync(variable, value.Replace("{0}", port, StringComparison.Ordinal), port, "taken");
    }

    [Fact]
    public async Task Data_directory_that_is_a_file_is_named()
    {
        using var file = new TempFile("not a folder");
        await using var server = ServerProcess.Create(new ServerSettings { DataDirectory = file.Path });
        await Failing.WithOneLineAsync(server.RunAsync("serve"), file.Path);
        Assert.Equal("not a folder", await File.ReadAllTextAsync(file.Path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Data_directory_below_a_file_is_named()
    {
        using var file = new TempFile("not a folder");
        var folder = Path.Combine(file.Path, "data");
        await using var server = ServerProcess.Create(new ServerSettings { DataDirectory = folder });
        await Failing.WithOneLineAsync(server.RunAsync("serve"), folder);
    }

    [Fact]
    public async Task Data_directory_in_use_is_named_and_its_server_continues()
    {
        await using var second = ServerProcess.Create(
            new ServerSettings { DataDirectory = running.Server.DataDirectory });
        await Failing.WithOneLineAsync(second.RunAsync("serve"), running.Server.DataDirectory);
        await running.Server.PublishAsync("in-use", "o-1", "created");
    }

    [Fact]
    public async Task File_that_is_not_a_database_is_named()
    {
        var folder = Directory.CreateTempSubdirectory("orders-actors-");
        await File.WriteAllTextAsync(
            Path.Combine(folder.FullName, "orders.db"), new string('x', 5000), TestContext.Current.CancellationToken);
        await using var server = ServerProcess.Create(new ServerSettings { DataDirectory = folder.FullName });
        await Failing.WithOneLineAsync(server.RunAsync("serve"), folder.FullName);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Database_with_damaged_pages_is_named()
    {
        var folder = Directory.CreateTempSubdirectory("orders-actors-");
        await using var server = ServerProcess.Create(new ServerSettings { DataDirectory = folder.FullName });
        await server.CreateKeyAsync("acme");
        var database = Path.Combine(folder.FullName, "orders.db");
        await using (var file = new FileStream(database, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Position = 4096;
            await file.WriteAsync(new byte[file.Length - 4096], TestContext.Current.CancellationToken);
        }

        await Failing.WithOneLineAsync(server.RunAsync("serve"), database, "damaged");
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("OrdersActors__AdvertisedAddress", "192.0.2.1", "192.0.2.1", "OrdersActors:AdvertisedAddress")]
    [InlineData("OrdersActors__AdvertisedAddress", "2001:db8::1", "2001:db8::1", "OrdersActors:AdvertisedAddress")]
    [InlineData("ASPNETCORE_URLS", "http://192.0.2.1:5080", "192.0.2.1", "http://192.0.2.1:5080")]
    [InlineData("ASPNETCORE_URLS", "http://localhost:0", "http://localhost:0", "127.0.0.1")]
    [InlineData("ASPNETCORE_URLS", "https://127.0.0.1:0", "HTTPS", "certificate")]
    [InlineData("Logging__LogLevel__Default", "Loud", "Loud", "ORDERS_ACTORS_STACK_TRACE")]
    public Task Failed_start_prints_one_line_and_no_stack_trace(
        string variable, string value, string name, string reason) =>
        FailsAsync(variable, value, name, reason);

    [Fact]
    public async Task Stack_trace_is_shown_on_request()
    {
        await using var server = ServerProcess.Create(new ServerSettings
        {
            Variables = { ["Logging__LogLevel__Default"] = "Loud", ["ORDERS_ACTORS_STACK_TRACE"] = "1" },
        });
        var result = await server.RunAsync("serve");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("   at ", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OrdersActors__SiloPort", "abc", "OrdersActors:SiloPort", "abc")]
    [InlineData("OrdersActors__SiloPort", "0", "OrdersActors:SiloPort", "65535")]
    [InlineData("OrdersActors__GatewayPort", "70000", "OrdersActors:GatewayPort", "70000")]
    [InlineData("OrdersActors__FrontEnd__MaxQueuedBytes", "5", "MaxQueuedBytes", "262144")]
    [InlineData("OrdersActors__FrontEnd__MaxQueuedBytes", "many", "OrdersActors:FrontEnd:MaxQueuedBytes", "many")]
    [InlineData("OrdersActors__FrontEnd__AllowedOrigins__acme", "shop.example", "AllowedOrigins:acme", "shop.example")]
    [InlineData("OrdersActors__FrontEnd__Compression", "perhaps", "OrdersActors:FrontEnd:Compression", "perhaps")]
    [InlineData("OrdersActors__FrontEnd__PingInterval", "soon", "OrdersActors:FrontEnd:PingInterval", "soon")]
    [InlineData("OrdersActors__FrontEnd__DrainDelay", "00:06:00", "DrainDelay", "00:05:00")]
    [InlineData("OrdersActors__FrontEnd__MaxConnectionsPerCustomer", "-1", "MaxConnectionsPerCustomer", "10000000")]
    [InlineData("OrdersActors__FrontEnd__MaxQueuedBytesInAll", "much", "FrontEnd:MaxQueuedBytesInAll", "much")]
    [InlineData("OrdersActors__Log__Format", "xml", "OrdersActors:Log:Format", "xml")]
    [InlineData("OrdersActors__Log__MaxQueuedBytes", "5", "OrdersActors:Log:MaxQueuedBytes", "65536")]
    [InlineData("OrdersActors__Http__PublishRatePerOrganization", "-1", "PublishRatePerOrganization", "10000000")]
    [InlineData("OrdersActors__FrontEnd__DeniedSubscribesPerKey", "0", "DeniedSubscribesPerKey", "1000000")]
    [InlineData("OrdersActors__FrontEnd__DeniedSubscribesPerAddress", "few", "DeniedSubscribesPerAddress", "few")]
    [InlineData("OrdersActors__Authentication__KeyCacheTime", "01:00:00", "KeyCacheTime", "00:00:10")]
    [InlineData("OrdersActors__Authentication__KeyUseInterval", "00:00:00", "KeyUseInterval", "1.00:00:00")]
    [InlineData("OrdersActors__Authentication__MaxTokenLifetime", "32.00:00:00", "MaxTokenLifetime", "31.00:00:00")]
    [InlineData("OrdersActors__Sqlite__PartitionCount", "none", "OrdersActors:Sqlite:PartitionCount", "none")]
    [InlineData("OrdersActors__Http__MaxBodyBytes", "5", "MaxBodyBytes", "1024")]
    [InlineData("OrdersActors__Http__RequestRate", "0", "RequestRate", "1000000")]
    [InlineData("OrdersActors__Http__PublishRetryTime", "01:00:00", "PublishRetryTime", "00:01:00")]
    [InlineData("OrdersActors__Http__MaxBufferedBytes", "16777215", "MaxBufferedBytes", "16777216")]
    [InlineData("OrdersActors__Http__MaxBodyBytes", "67108864", "MaxBufferedBytes", "4 times MaxBodyBytes")]
    [InlineData("OrdersActors__Board__Enabled", "perhaps", "OrdersActors:Board:Enabled", "perhaps")]
    [InlineData("OrdersActors__Telemetry__PrometheusPort", "70000", "PrometheusPort", "65535")]
    [InlineData("OrdersActors__Telemetry__PrometheusAddress", "here", "PrometheusAddress", "here")]
    [InlineData("OrdersActors__Telemetry__TraceRatio", "2", "TraceRatio", "1")]
    [InlineData("OrdersActors__Tls__CertificateFile", "/missing.pem", "OrdersActors:Tls:AuthorityFile", "required")]
    [InlineData("OrdersActors__Tls__AuthorityFile", "/missing.pem", "OrdersActors:Tls:CertificateFile", "required")]
    [InlineData("OrdersActors__Tls__CertificatFile", "/a.pem", "OrdersActors:Tls:CertificatFile", "not a setting")]
    [InlineData("ASPNETCORE_URLS", "nonsense", "nonsense", "URL")]
    public Task Bad_setting_is_named(string variable, string value, string name, string reason) =>
        FailsAsync(variable, value, name, reason);

    [Theory]
    [InlineData("all")]
    [InlineData("front-end")]
    public async Task Unusable_certificate_file_is_named_before_anything_starts(string role)
    {
        using var file = new TempFile("not a certificate");
        await using var server = ServerProcess.Create(new ServerSettings
        {
            Variables =
            {
                ["OrdersActors__Tls__CertificateFile"] = file.Path,
                ["OrdersActors__Tls__AuthorityFile"] = file.Path,
            },
        });
        await Failing.WithOneLineAsync(
            server.RunAsync("serve", "--role", role), "OrdersActors:Tls:AuthorityFile", file.Path);
        Assert.False(Directory.Exists(server.DataDirectory));
    }

    [Fact]
    public async Task Several_bad_settings_are_all_named_in_one_line()
    {
        await using var server = ServerProcess.Create(new ServerSettings
        {
            Variables =
            {
                ["OrdersActors__FrontEnd__MaxQueuedBytes"] = "5",
                ["OrdersActors__FrontEnd__MessageRate"] = "0",
                ["OrdersActors__Authentication__KeyCacheSize"] = "0",
            },
        });
        await Failing.WithOneLineAsync(server.RunAsync("serve"), "MaxQueuedBytes", "MessageRate", "KeyCacheSize");
    }

    [Fact]
    public Task Equal_ports_are_named()
    {
        var port = ServerProcess.FreePorts(1)[0];
        return FailsAsync(
            ["serve", $"--OrdersActors:SiloPort={port}", $"--OrdersActors:GatewayPort={port}"],
            "OrdersActors:SiloPort", "OrdersActors:GatewayPort");
    }

    [Fact]
    public async Task Missing_configuration_file_is_named()
    {
        var missing = Path.Combine(Path.GetTempPath(), $"orders-actors-{Guid.NewGuid():N}.json");
        await FailsAsync(["--config", missing], missing);
        await FailsAsync(["serve", "--config", Path.GetTempPath()], Path.GetTempPath());
    }

    [Fact]
    public async Task Configuration_file_that_is_not_JSON_is_named()
    {
        using var file = new TempFile("{ \"OrdersActors\": ");
        await FailsAsync(["--config", file.Path], file.Path);
    }

    [Fact]
    public Task Invalid_url_is_named() => FailsAsync(["--urls", "nonsense"], "nonsense");

    [Theory]
    [InlineData("pubish", "pubish")]
    [InlineData("--nope", "--nope")]
    [InlineData("serve --nope", "--nope")]
    [InlineData("serve extra", "extra")]
    [InlineData("serve --urls", "--urls")]
    [InlineData("serve --OrdersActors:GatewayPort", "--OrdersActors:GatewayPort")]
    [InlineData("publish --nope", "--nope")]
    [InlineData("keys", "keys")]
    [InlineData("keys revok x", "revok")]
    [InlineData("keys create", "--organization")]
    [InlineData("keys revoke", "key")]
    [InlineData("sign", "--api-secret")]
    [InlineData("sign --api-key k --api-secret s --OrdersActors:SiloPort=1", "--OrdersActors:SiloPort")]
    [InlineData("backup", "--to")]
    public async Task Wrong_arguments_show_the_usage(string args, string named)
    {
        await using var server = ServerProcess.Create();
        await Failing.WithUsageAsync(server.RunAsync(args.Split(' ')), named);
        Assert.False(Directory.Exists(server.DataDirectory));
    }

    [Theory]
    [InlineData("--help", "--urls")]
    [InlineData("serve --help", "--config")]
    [InlineData("publish --help", "--occurred-at")]
    [InlineData("keys --help", "revoke")]
    [InlineData("keys create --help", "--organization")]
    [InlineData("keys list --help", "--organization")]
    [InlineData("keys revoke --help", "key")]
    [InlineData("sign --help", "--api-secret")]
    [InlineData("doctor --help", "--role")]
    [InlineData("config show --help", "--json")]
    [InlineData("orders show --help", "--organization")]
    [InlineData("tail --help", "--last")]
    [InlineData("partitions --help", "--json")]
    [InlineData("connections --help", "--customer")]
    [InlineData("disconnect --help", "--all")]
    [InlineData("export --help", "--to")]
    [InlineData("import --help", "--from")]
    public async Task Every_verb_has_help(string args, string named)
    {
        var result = await running.Server.RunAsync(args.Split(' '));
        Assert.Equal(0, result.ExitCode);
        Assert.Contains(named, result.Output, StringComparison.Ordinal);
        Assert.Empty(result.Error);
    }

    [Theory]
    [InlineData("--version")]
    [InlineData("--environment Development --version")]
    public async Task Version_is_shown_also_with_the_arguments_that_dotnet_run_adds(string args)
    {
        var result = await running.Server.RunAsync(args.Split(' '));
        Assert.True(result.ExitCode == 0 && result.Error.Length == 0, result.ToString());
        Assert.Matches(@"^\d+\.\d+\.\d+", result.Output);
        Assert.Matches(@"\nschema: SQLite \d+, PostgreSQL \d+ with [a-z-]+\n", result.Output);
    }

    private static async Task FailsAsync(string variable, string value, params string[] words)
    {
        await using var server = ServerProcess.Create(new ServerSettings { Variables = { [variable] = value } });
        await Failing.WithOneLineAsync(server.RunAsync("serve"), words);
    }

    private static async Task FailsAsync(string[] args, params string[] words)
    {
        await using var server = ServerProcess.Create();
        await Failing.WithOneLineAsync(server.RunAsync(args), words);
    }
}
