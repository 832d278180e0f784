using System.Net;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Commands;

/// <summary><c>doctor</c> on one machine: a healthy server, and faults that the tests plant.</summary>
public sealed class DoctorTests : IDisposable
{
    private readonly TestAuthority _authority = new("ours");
    private readonly TestAuthority _other = new("other");
    private readonly TlsFolder _tls;

    public DoctorTests() => _tls = new TlsFolder(_authority);

    [Fact]
    public async Task Healthy_server_has_no_findings_while_it_runs_and_after_it_has_stopped()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings
        {
            Variables = new(DoctorReport.FewConnections.Concat(_tls.Variables)),
        });
        await server.CreateKeyAsync("acme");
        await server.RunPublishAsync("acme", "o-1", "created");
        (await DoctorReport.RunAsync(server)).ExpectHealthy();

        var forPeople = await server.RunAsync("doctor");
        Assert.True(forPeople.ExitCode == 0, forPeople.ToString());
        Assert.Contains("a running server", forPeople.Output, StringComparison.Ordinal);

        await server.StopAsync();
        (await DoctorReport.RunAsync(server)).ExpectHealthy();
    }

    [Theory]
    [InlineData("OrdersActors__FrontEnd__MaxConection", "5", "OrdersActors:FrontEnd:MaxConection")]
    [InlineData("OrdersActors__Http__RequestRate", "-1", "RequestRate")]
    [InlineData("OrdersActors__Streaming__CheckpointInterval", "often", "CheckpointInterval")]
    [InlineData("OrdersActors__SiloPort", "0", "OrdersActors:SiloPort")]
    public async Task Wrong_setting_is_found(string variable, string value, string named)
    {
        await using var server = With((variable, value));
        var report = await DoctorReport.RunAsync(server);
        report.ExpectOnly("settings", named);
    }

    [Fact]
    public async Task Port_that_another_program_has_taken_is_found_with_the_program()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = $"{((IPEndPoint)listener.LocalEndpoint).Port}";
        await using var server = With(("OrdersActors__GatewayPort", port));
        (await DoctorReport.RunAsync(server)).ExpectOnly("ports", port, "GatewayPort", $"{Environment.ProcessId}");
    }

    [Fact]
    public async Task Data_directory_that_cannot_be_written_is_found()
    {
        using var file = new TempFile("not a folder");
        var folder = Path.Combine(file.Path, "data");
        await using var server = With(("OrdersActors__DataDirectory", folder));
        (await DoctorReport.RunAsync(server)).ExpectOnly("disk", folder);
    }

    [Fact]
    public async Task Expired_certificate_is_found()
    {
        var expired = _authority.Issue("late", notAfter: DateTimeOffset.UtcNow.AddHours(-1));
        await using var server = WithCertificate(expired);
        (await DoctorReport.RunAsync(server)).ExpectOnly("certificates", "CN=late", "expired");
    }

    [Fact]
    public async Task Certificate_with_the_key_of_another_one_is_found()
    {
        var mixed = _authority.Issue("silo") with { KeyPem = _authority.Issue("other").KeyPem };
        await using var server = WithCertificate(mixed);
        (await DoctorReport.RunAsync(server)).ExpectOnly("certificates", "OrdersActors:Tls:", "planted");
    }

    [Fact]
    public async Task Certificate_of_a_foreign_authority_is_found()
    {
        await using var server = WithCertificate(_other.Issue("stranger"));
        (await DoctorReport.RunAsync(server)).ExpectOnly("certificates", "CN=stranger", "authority");
    }

    [Fact]
    public async Task Missing_certificate_of_the_web_server_is_found()
    {
        await using var server = With(
            ("Kestrel__Endpoints__Web__Url", "https://127.0.0.1:0"),
            ("Kestrel__Endpoints__Web__Certificate__Path", "/no/such/web.pem"),
            ("Kestrel__Endpoints__Web__Certificate__KeyPath", "/no/such/web.key"));
        (await DoctorReport.RunAsync(server)).ExpectOnly("certificates", "/no/such/web.pem");
    }

    [Fact]
    public async Task Limit_of_open_files_below_the_connections_is_found()
    {
        await using var server = With(("OrdersActors__FrontEnd__MaxConnections", "10000000"));
        (await DoctorReport.RunAsync(server)).ExpectOnly("files", "10000600");
    }

    [Fact]
    public async Task Newer_schema_is_found()
    {
        await using var server = With();
        await server.CreateKeyAsync("acme");
        await using (var connection = new SqliteConnection(
            $"Data Source={Path.Combine(server.DataDirectory, "orders.db")};Pooling=False"))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 999";
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        (await DoctorReport.RunAsync(server)).ExpectOnly("storage", "999", "newer version");
    }

    [Fact]
    public async Task Damaged_database_is_found()
    {
        await using var server = With();
        await server.CreateKeyAsync("acme");
        await using (var file = new FileStream(
            Path.Combine(server.DataDirectory, "orders.db"), FileMode.Open, FileAccess.Write))
        {
            // The first page's header names the other pages. The rest of the file has tables and indexes.
            file.Position = 4096;
            await file.WriteAsync(new byte[8192], TestContext.Current.CancellationToken);
        }

        (await DoctorReport.RunAsync(server)).ExpectOnly("storage", "damage");
    }

    public void Dispose()
    {
        _tls.Dispose();
        _authority.Dispose();
        _other.Dispose();
    }

    private static ServerProcess With(params (string Name, string Value)[] variables)
    {
        var all = new Dictionary<string, string>(DoctorReport.FewConnections);
        foreach (var (name, value) in variables)
        {
            all[name] = value;
        }

        return ServerProcess.Create(new ServerSettings { Variables = all });
    }

    private ServerProcess WithCertificate(TestCertificate certificate) =>
        With([.. TlsFolder.Settings(_tls.Write("planted", certificate)).Select(pair => (pair.Key, pair.Value))]);
}
