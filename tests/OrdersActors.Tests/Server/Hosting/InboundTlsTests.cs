using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Publishing.Tls;
using OrdersActors.Server.Hosting;
using OrdersActors.TestServer;
using OrdersActors.Tests.Publishing.Tls;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Server.Hosting;

/// <summary>Real handshakes between <see cref="InboundTls"/> and <see cref="OutboundTls"/>.</summary>
public sealed class InboundTlsTests : IDisposable
{
    private readonly TlsTestFiles _server = TlsTestFiles.WithPem();
    private readonly TlsTestFiles _client = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly RecordingLogger<InboundTls> _inbound = new();
    private readonly RecordingLogger<OutboundTls> _outbound = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddLogging().BuildServiceProvider();
    private bool _isAccepted;

    [Fact]
    public async Task Client_with_a_certificate_of_the_authority_is_accepted()
    {
        await ConnectAsync(_server.Authority.Issue("publisher", isServer: false), _server.Authority);
        Assert.True(_isAccepted);
        Assert.Empty(_inbound.Ids);
        Assert.Empty(_outbound.Ids);
    }

    [Fact]
    public async Task Silo_port_accepts_silos_only()
    {
        await ConnectAsync(
            _server.Authority.Issue("publisher", isServer: false), _server.Authority, InnerPort.Silo);
        RefusedBecause("CN=publisher", "Silo", "server authentication");
        await ConnectAsync(_server.Authority.Issue("silo-2"), _server.Authority, InnerPort.Silo);
        Assert.True(_isAccepted);
    }

    [Fact]
    public async Task Client_of_another_authority_is_refused()
    {
        using var other = new TestAuthority("other");
        await ConnectAsync(other.Issue("stranger"), _server.Authority);
        RefusedBecause("CN=stranger", "Gateway");
    }

    [Fact]
    public async Task Client_with_a_self_signed_certificate_is_refused()
    {
        await ConnectAsync(TestAuthority.SelfSigned("lonely"), _server.Authority);
        RefusedBecause("CN=lonely", "UntrustedRoot");
    }

    [Fact]
    public async Task Client_with_an_expired_certificate_is_refused()
    {
        var expired = _server.Authority.Issue(
            "expired", notBefore: TlsFilesTests.Ago(30), notAfter: TlsFilesTests.Ago(1));
        await ConnectAsync(expired, _server.Authority);
        RefusedBecause("CN=expired", "NotTimeValid");
    }

    [Fact]
    public async Task Client_without_a_certificate_is_refused()
    {
        await ServeAsync(InnerPort.Gateway, async socket =>
        {
            await using var ssl = new SslStream(
                new NetworkStream(socket, ownsSocket: true), false, (_, server, _, _) => server is not null);
            // Which of these fails depends on the version of TLS.
            var e = await Record.ExceptionAsync(async () =>
            {
                await ssl.AuthenticateAsClientAsync(
                    new SslClientAuthenticationOptions
                    {
                        TargetHost = "gateway",
                        ApplicationProtocols = [new SslApplicationProtocol("Orleans1")],
                    },
                    TestContext.Current.CancellationToken);
                await ssl.ReadExactlyAsync(new byte[1], TestContext.Current.CancellationToken);
            });
            Assert.NotNull(e);
        });
        RefusedBecause("no certificate");
    }

    [Fact]
    public async Task Client_without_TLS_is_refused()
    {
        await ServeAsync(InnerPort.Gateway, async socket =>
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\n\r\n"));
            socket.Shutdown(SocketShutdown.Send);
        });
        RefusedBecause("does not use TLS");
    }

    [Fact]
    public async Task Probe_is_closed_without_a_log_line()
    {
        await ServeAsync(InnerPort.Gateway, socket =>
        {
            socket.Shutdown(SocketShutdown.Send);
            return Task.CompletedTask;
        });
        await ServeAsync(InnerPort.Gateway, socket =>
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
            socket.Dispose();
            return Task.CompletedTask;
        });
        Assert.Empty(_inbound.Ids);
        Assert.False(_isAccepted);
    }

    [Fact]
    public async Task Silent_connection_ends_after_the_timeout()
    {
        await ServeAsync(InnerPort.Gateway, _ => Task.CompletedTask, async serving =>
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
            Assert.False(serving.IsCompleted);
            _time.Advance(InboundTls.HandshakeTimeout);
            await serving;
        });
        Assert.Empty(_inbound.Ids);
    }

    [Fact]
    public async Task Client_refuses_a_server_of_another_authority_and_logs_it_once_a_minute()
    {
        using var other = new TestAuthority("other");
        using var outbound = Outbound(_server.Authority.Issue("publisher", isServer: false), other);
        for (var i = 0; i < 3; i++)
        {
            await ConnectAsync(outbound, InnerPort.Gateway);
        }

        Assert.Equal([1534], _outbound.Ids);
        Assert.Contains("CN=silo", _outbound.Text, StringComparison.Ordinal);
        Assert.False(_isAccepted);
        _time.Advance(TimeSpan.FromMinutes(1));
        await ConnectAsync(outbound, InnerPort.Gateway);
        Assert.Equal([1534, 1534], _outbound.Ids);
    }

    [Fact]
    public async Task Client_refuses_a_server_whose_certificate_is_that_of_a_publisher()
    {
        var publisher = _server.Authority.Issue("publisher", isServer: false);
        _server.WritePem(publisher);
        await ConnectAsync(publisher, _server.Authority, isServer: false);
        Assert.False(_isAccepted);
        Assert.Contains("CN=publisher", _outbound.Text, StringComparison.Ordinal);
        Assert.Contains("NotValidForUsage", _outbound.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chain_of_an_intermediate_authority_is_sent_and_accepted()
    {
        using var below = new TestAuthority("below", _server.Authority);
        var (silo, publisher) = (below.Issue("silo"), below.Issue("publisher", isServer: false));
        _server.WritePem(silo with { Pem = silo.Pem + below.Pem });
        await ConnectAsync(publisher with { Pem = publisher.Pem + below.Pem }, _server.Authority);
        Assert.True(_isAccepted, _inbound.Text + _outbound.Text);
    }

    public void Dispose()
    {
        _server.Dispose();
        _client.Dispose();
        _services.Dispose();
    }

    private void RefusedBecause(params string[] words)
    {
        Assert.False(_isAccepted);
        Assert.Equal([1621], _inbound.Ids);
        Assert.All(words, word => Assert.Contains(word, _inbound.Text, StringComparison.Ordinal));
    }

    private OwnedOutbound Outbound(TestCertificate certificate, TestAuthority trusted)
    {
        _client.WritePem(certificate);
        _client.Trust(trusted);
        var certificates = TlsCertificates.Load(new TlsFiles(_client.Options, "Test:", isServer: false))(
            _time, NullLogger<TlsCertificates>.Instance);
        return new OwnedOutbound(certificates, new OutboundTls(certificates, _time, _outbound));
    }

    private async Task ConnectAsync(
        TestCertificate certificate, TestAuthority trusted, InnerPort port = InnerPort.Gateway, bool isServer = true)
    {
        using var outbound = Outbound(certificate, trusted);
        await ConnectAsync(outbound, port, isServer);
    }

    /// <summary>Makes a connection, and waits until both sides have ended it.</summary>
    private Task ConnectAsync(OwnedOutbound outbound, InnerPort port, bool isServer = true) =>
        ServeAsync(
            port,
            async socket =>
            {
                var builder = new ConnectionBuilder(_services);
                outbound.Tls.AddTo(builder);
                builder.Run(async context =>
                {
                    await context.Transport.Output.WriteAsync(new byte[] { 1 });
                    // The server's answer, or the end if it has refused the certificate.
                    await Record.ExceptionAsync(async () => await context.Transport.Input.ReadAsync());
                });
                using var connection = new LoopbackConnection(socket);
                await Record.ExceptionAsync(() => builder.Build()(connection.Context));
            },
            isServer: isServer);

    private async Task ServeAsync(
        InnerPort port, Func<Socket, Task> client, Func<Task, Task>? wait = null, bool isServer = true)
    {
        await using var certificates = TlsCertificates.Load(new TlsFiles(_server.Options, "Test:", isServer))(
            _time, NullLogger<TlsCertificates>.Instance);
        var builder = new ConnectionBuilder(_services);
        new InboundTls(certificates, _time, _inbound).AddTo(builder, port);
        builder.Run(async context =>
        {
            var read = await context.Transport.Input.ReadAsync();
            if (read.Buffer.IsEmpty)
            {
                // The client has refused the server.
                return;
            }

            _isAccepted = true;
            await context.Transport.Output.WriteAsync(new byte[] { 2 });
        });
        var (clientSocket, serverSocket) = await LoopbackConnection.PairAsync();
        using var owned = clientSocket;
        async Task RunAsync()
        {
            using var connection = new LoopbackConnection(serverSocket);
            await builder.Build()(connection.Context);
        }

        var serving = RunAsync();
        await client(clientSocket);
        await (wait?.Invoke(serving) ?? serving);
    }

    private sealed record OwnedOutbound(TlsCertificates Certificates, OutboundTls Tls) : IDisposable
    {
        public void Dispose() => Certificates.Dispose();
    }
}
