using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Orleans.Connections.Security;

namespace OrdersActors.Publishing.Tls;

/// <summary>TLS for connections that this process makes: of a client to a gateway, and of a silo to another.</summary>
/// <remarks>
/// With TLS 1.3, a client has completed its handshake before the server checks the client's certificate. If the server
/// refuses it, the client only loses its connection. The server's log gives the reason.
/// </remarks>
internal sealed partial class OutboundTls(
    TlsCertificates certificates, TimeProvider time, ILogger<OutboundTls> logger)
{
    // Orleans retries several times per second.
    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);

    private readonly AsyncLocal<TlsHandshake?> _handshake = new();
    private readonly Lock _lock = new();

    // Under the lock.
    private long? _loggedAt;

    // Volatile, because any connection writes it and a failed start reads it.
    private volatile string? _lastProblem;

    /// <summary>Why the last handshake failed, or null if none has failed.</summary>
    public string? LastProblem => _lastProblem;

    /// <summary>Adds the handshake to a connection. The certificates are polled from now on.</summary>
    public void AddTo(IConnectionBuilder connection)
    {
        certificates.Start();
        connection.Use(next => context => ConnectAsync(context, next));
        connection.UseClientTls(CreateOptions());
        connection.Use(next => context =>
        {
            _handshake.Value!.IsDone = true;
            // The connection's further work does not need it.
            _handshake.Value = null;
            return next(context);
        });
    }

    private async Task ConnectAsync(ConnectionContext context, ConnectionDelegate next)
    {
        var handshake = new TlsHandshake();
        _handshake.Value = handshake;
        await next(context);
        if (!handshake.IsDone)
        {
            var problem = handshake.Problem ?? "the other side ended the handshake, or does not use TLS";
            _lastProblem = problem;
            if (IsLogDue())
            {
                LogNoConnection(context.RemoteEndPoint, problem);
            }

            throw new AuthenticationException($"no TLS connection to {context.RemoteEndPoint}: {problem}");
        }
    }

    private bool IsLogDue()
    {
        lock (_lock)
        {
            if (_loggedAt is { } last && time.GetElapsedTime(last) < LogInterval)
            {
                return false;
            }

            _loggedAt = time.GetTimestamp();
            return true;
        }
    }

    private TlsOptions CreateOptions() => new()
    {
        LocalClientCertificateSelector = (_, _, _, _, _) => certificates.Current.Certificate,
        RemoteCertificateMode = RemoteCertificateMode.RequireCertificate,
        RemoteCertificateValidation = (certificate, chain, errors) =>
            (_handshake.Value!.Problem = PeerCertificate.FindProblem(certificate, chain, errors)) is null,
        OnAuthenticateAsClient = (_, options) =>
        {
            var identity = certificates.Current;
            var ssl = (SslClientAuthenticationOptions)options.SslClientAuthenticationOptions;
            // The context also sends the chain; a certificate from the selector would be sent alone.
            ssl.LocalCertificateSelectionCallback = null;
            ssl.ClientCertificateContext = identity.Context;
            ssl.CertificateChainPolicy = identity.NewPolicy(CertificateUse.Server, time.GetUtcNow());
            // A resumed session would skip the check against the authorities that are trusted now.
            ssl.AllowTlsResume = false;
        },
    };

    [LoggerMessage(1534, LogLevel.Warning,
        "No TLS connection to {Peer}: {Problem}. Retrying; further failures are not logged for a minute")]
    private partial void LogNoConnection(EndPoint? peer, string problem);
}
