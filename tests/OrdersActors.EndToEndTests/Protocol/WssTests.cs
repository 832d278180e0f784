using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Protocol;

/// <summary>A server whose web server has TLS of its own, with a certificate made by the test.</summary>
public sealed class WssServer : IAsyncLifetime
{
    private readonly TestAuthority _authority = new("web");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orders-actors-wss-");
    private ServerProcess? _server;

    public ServerProcess Server => _server!;

    public int Port { get; } = ServerProcess.FreePorts(1)[0];

    public async ValueTask InitializeAsync()
    {
        WriteCertificate();
        _server = ServerProcess.Create(new ServerSettings
        {
            Variables =
            {
                ["ASPNETCORE_URLS"] = "",
                ["Kestrel__Endpoints__Web__Url"] = $"https://127.0.0.1:{Port}",
                ["Kestrel__Endpoints__Web__Certificate__Path"] = Path.Combine(_folder.FullName, "web.pem"),
                ["Kestrel__Endpoints__Web__Certificate__KeyPath"] = Path.Combine(_folder.FullName, "web.key"),
            },
        });
        _server.Launch();
        await UntilAsync(() => _server.Output.Contains("is ready", StringComparison.Ordinal));
    }

    /// <summary>Replaces the server's certificate. Returns its serial number.</summary>
    public string WriteCertificate()
    {
        var certificate = _authority.IssueForWeb();
        File.WriteAllText(Path.Combine(_folder.FullName, "web.pem"), certificate.Pem);
        File.WriteAllText(Path.Combine(_folder.FullName, "web.key"), certificate.KeyPem);
        using var written = X509Certificate2.CreateFromPem(certificate.Pem);
        return written.SerialNumber;
    }

    /// <summary>Checks the server's certificate as a browser would that trusts the authority.</summary>
    public bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        using var check = new X509Chain();
        check.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        check.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        check.ChainPolicy.CustomTrustStore.Add(_authority.Certificate);
        return (errors & SslPolicyErrors.RemoteCertificateNameMismatch) == 0
            && certificate is X509Certificate2 given && check.Build(given);
    }

    public async Task UntilAsync(Func<bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.False(Server.HasEnded || watch.Elapsed > TimeSpan.FromSeconds(90), Server.Output);
            await Task.Delay(50);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Delete(recursive: true);
        _authority.Dispose();
    }
}

/// <summary><c>wss</c> without a proxy, over HTTP/1.1 and over HTTP/2 (RFC 8441).</summary>
public sealed class WssTests(WssServer wss) : IClassFixture<WssServer>
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Events_are_delivered_over_wss(int version)
    {
        var order = $"o-wss-{version}";
        await wss.Server.PublishAsync("demo", order, "created");
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = wss.IsTrusted;
        using var http = new HttpMessageInvoker(handler);
        using var socket = new ClientWebSocket();
        socket.Options.HttpVersion = new Version(version, version == 1 ? 1 : 0);
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        socket.Options.CollectHttpResponseDetails = true;
        await socket.ConnectAsync(
            new Uri($"wss://127.0.0.1:{wss.Port}/ws"), http, TestContext.Current.CancellationToken);
        Assert.Equal(
            version == 1 ? HttpStatusCode.SwitchingProtocols : HttpStatusCode.OK, socket.HttpStatusCode);

        await SendAsync(socket, SeedClient.Connect("demo-key"));
        Assert.Equal("""{"type":"connected","data":{"status":"authenticated"}}""", await ReceiveAsync(socket));
        await SendAsync(socket, SeedClient.Resume(order, 0));
        Assert.Contains("subscribed", await ReceiveAsync(socket), StringComparison.Ordinal);
        Assert.Contains("\"status\":\"created\"", await ReceiveAsync(socket), StringComparison.Ordinal);
        await wss.Server.PublishAsync("demo", order, "paid");
        Assert.Contains("\"status\":\"paid\"", await ReceiveAsync(socket), StringComparison.Ordinal);
    }

    [Fact]
    public void Banner_names_the_address_with_its_scheme()
    {
        Assert.Contains($"clients     wss://127.0.0.1:{wss.Port}/ws", wss.Server.Output, StringComparison.Ordinal);
        Assert.Contains($"board       https://127.0.0.1:{wss.Port}/", wss.Server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_without_TLS_is_not_served()
    {
        using var http = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(
            new Uri($"http://127.0.0.1:{wss.Port}/healthz/live"), TestContext.Current.CancellationToken));
    }

    private static Task SendAsync(ClientWebSocket socket, string text) => socket.SendAsync(
        Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);

    private static async Task<string> ReceiveAsync(ClientWebSocket socket)
    {
        var buffer = new byte[2048];
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var result = await socket.ReceiveAsync(buffer, timeout.Token);
        return Encoding.UTF8.GetString(buffer, 0, result.Count);
    }
}

/// <summary>A server whose certificate is replaced, which closes its connections.</summary>
public sealed class WssReplacementTests(WssServer wss) : IClassFixture<WssServer>
{
    [Fact]
    public async Task Replaced_certificate_is_used_without_a_restart()
    {
        var serial = wss.WriteCertificate();
        string? seen = null;
        for (var watch = Stopwatch.StartNew(); seen != serial && watch.Elapsed < TimeSpan.FromSeconds(60);)
        {
            using var handler = new SocketsHttpHandler();
            handler.SslOptions.RemoteCertificateValidationCallback = (sender, certificate, chain, errors) =>
            {
                seen = certificate?.GetSerialNumberString();
                return wss.IsTrusted(sender, certificate, chain, errors);
            };
            using var http = new HttpClient(handler);
            try
            {
                using var answer = await http.GetAsync(
                    new Uri($"https://127.0.0.1:{wss.Port}/healthz/live"), TestContext.Current.CancellationToken);
            }
            catch (HttpRequestException)
            {
                // The web server closes the port for a moment.
            }

            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.Equal(serial, seen);
    }
}
