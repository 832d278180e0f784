using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Orleans.Connections.Security;

namespace OrdersActors.Publishing.Tls;

/// <summary>TLS for connections that this process makes: of a client to a gateway, and of a silo to another.</summary>
internal sealed class OutboundTls(TlsCertificates certificates, TimeProvider time)
{
    private readonly AsyncLocal<TlsHandshake?> _handshake = new();

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
            throw new AuthenticationException(
                $"no TLS connection to {context.RemoteEndPoint}: "
                + (handshake.Problem ?? "the other side ended the handshake, or does not use TLS"));
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
}
