using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Orleans.Connections.Security;
using OrdersActors.Publishing.Tls;

namespace OrdersActors.Server.Hosting;

/// <summary>TLS for connections to the silo and gateway ports.</summary>
/// <remarks>
/// <code>
///   1 first byte ──► 2 handshake, certificate of the other side ──► 3 Orleans
/// </code>
/// <para>Whatever an unauthenticated peer sends, it holds one connection for at most <see cref="HandshakeTimeout"/>
/// per step, and makes the server check one chain without network access.</para>
/// <para>A connection that ends before its first byte is a probe, such as those of publishers that check whether a
/// gateway answers. It is closed without a log line.</para>
/// </remarks>
internal sealed partial class InboundTls(TlsCertificates certificates, TimeProvider time, ILogger<InboundTls> logger)
{
    /// <summary>How long a peer may take for its first byte, and then for its handshake.</summary>
    public static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);

    // The type of the TLS record that begins a handshake.
    private const byte HandshakeRecord = 22;

    private readonly AsyncLocal<TlsHandshake?> _handshake = new();

    /// <summary>Adds the handshake to the connections of a port. The certificates are polled from now on.</summary>
    public void AddTo(IConnectionBuilder connection, InnerPort port)
    {
        certificates.Start();
        connection.Use(next => context => AcceptAsync(context, port, next));
        connection.UseServerTls(CreateOptions(port));
        connection.Use(next => context =>
        {
            _handshake.Value!.IsDone = true;
            // The connection's further work does not need it.
            _handshake.Value = null;
            return next(context);
        });
    }

    private async Task AcceptAsync(ConnectionContext context, InnerPort port, ConnectionDelegate next)
    {
        // 1.
        if (await PeekAsync(context) is not { } first)
        {
            return;
        }

        if (first != HandshakeRecord)
        {
            LogRefused(context.RemoteEndPoint, port, "it does not use TLS");
            return;
        }

        // 2. and 3.
        var handshake = new TlsHandshake();
        _handshake.Value = handshake;
        await next(context);
        if (!handshake.IsDone)
        {
            LogRefused(
                context.RemoteEndPoint, port,
                handshake.Problem ?? "it presented no certificate, or it ended the handshake");
        }
    }

    /// <summary>
    /// Returns the first byte without consuming it; null if the connection ends before, or if none comes in time.
    /// </summary>
    private async Task<byte?> PeekAsync(ConnectionContext context)
    {
        using var timeout = new CancellationTokenSource(HandshakeTimeout, time);
        var input = context.Transport.Input;
        try
        {
            var read = await input.ReadAsync(timeout.Token);
            byte? first = read.Buffer.IsEmpty ? null : read.Buffer.FirstSpan[0];
            input.AdvanceTo(read.Buffer.Start);
            return first;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The peer has reset the connection or is silent. There is nothing to refuse.
            return null;
        }
    }

    private TlsOptions CreateOptions(InnerPort port) => new()
    {
        LocalServerCertificateSelector = (_, _) => certificates.Current.Certificate,
        RemoteCertificateMode = RemoteCertificateMode.RequireCertificate,
        RemoteCertificateValidation = (certificate, chain, errors) =>
            (_handshake.Value!.Problem = FindProblem(port, certificate, chain, errors)) is null,
        HandshakeTimeout = HandshakeTimeout,
        OnAuthenticateAsServer = (_, options) =>
        {
            var identity = certificates.Current;
            var ssl = (SslServerAuthenticationOptions)options.SslServerAuthenticationOptions;
            // The context also sends the chain; a certificate from the selector would be sent alone.
            ssl.ServerCertificateSelectionCallback = null;
            ssl.ServerCertificateContext = identity.Context;
            ssl.CertificateChainPolicy = identity.NewPolicy(CertificateUse.Client, time.GetUtcNow());
            // A resumed session would skip the check against the authorities that are trusted now.
            ssl.AllowTlsResume = false;
        },
    };

    /// <summary>
    /// In addition to the chain: a silo is a server for the other silos, so only a certificate that permits server
    /// authentication may connect to the silo port. A publisher whose certificate permits only client authentication
    /// cannot take part in the cluster.
    /// </summary>
    private static string? FindProblem(
        InnerPort port, X509Certificate2 certificate, X509Chain? chain, SslPolicyErrors errors) =>
        PeerCertificate.FindProblem(certificate, chain, errors)
        ?? (port == InnerPort.Silo && !CertificateUse.Server.IsPermittedBy(certificate)
            ? $"its certificate {PeerCertificate.Describe(certificate)} is not that of a silo: it does not permit "
                + "server authentication"
            : null);

    [LoggerMessage(1621, LogLevel.Warning, "Refused the connection of {Peer} to the {Port} port: {Problem}")]
    private partial void LogRefused(EndPoint? peer, InnerPort port, string problem);
}
