using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OrdersActors.Publishing.Tls;

/// <summary>The certificate of this process and the authorities that it trusts. Immutable.</summary>
/// <remarks>
/// Never disposed, because handshakes may use it after it was replaced. The finalizers free the handles.
/// </remarks>
internal sealed class TlsIdentity
{
    private readonly X509Certificate2Collection _roots;
    private readonly X509Certificate2Collection _intermediates;

    /// <param name="certificate">The certificate with its private key.</param>
    /// <param name="chain">Intermediate certificates that came with it.</param>
    /// <param name="authorities">The trusted roots, and intermediate authorities that complete chains.</param>
    public TlsIdentity(
        X509Certificate2 certificate, X509Certificate2Collection chain, X509Certificate2Collection authorities)
    {
        Certificate = certificate;
        _roots = [.. authorities.Where(IsRoot)];
        _intermediates = [.. authorities.Where(authority => !IsRoot(authority)), .. chain];
        // Offline: by default .NET downloads missing issuers from the addresses in the certificate.
        Context = SslStreamCertificateContext.Create(certificate, _intermediates, offline: true);
    }

    public X509Certificate2 Certificate { get; }

    /// <summary>The certificate with the chain that is sent to the other side.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <summary>The number of trusted roots.</summary>
    public int RootCount => _roots.Count;

    /// <summary>Whether an authority is self-signed.</summary>
    public static bool IsRoot(X509Certificate2 authority) =>
        authority.SubjectName.RawData.AsSpan().SequenceEqual(authority.IssuerName.RawData);

    /// <summary>
    /// Returns the rules for the certificate of the other side: issued by one of the roots, valid now, permitted for
    /// its role. Each call returns a new object, because a handshake changes it.
    /// </summary>
    public X509ChainPolicy NewPolicy(CertificateUse use, DateTimeOffset now)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            // The other side chooses the addresses in its certificate, so this process must not connect to them.
            DisableCertificateDownloads = true,
            VerificationTime = now.LocalDateTime,
            VerificationTimeIgnored = false,
        };
        policy.CustomTrustStore.AddRange(_roots);
        policy.ExtraStore.AddRange(_intermediates);
        policy.ApplicationPolicy.Add(new Oid(use.ObjectId));
        return policy;
    }

    /// <summary>
    /// Whether one of the roots has issued the certificate, independent of the time. An expired certificate does not
    /// prevent a start: a server with one still serves its browsers.
    /// </summary>
    public bool IsIssuedByOwnAuthority()
    {
        using var chain = new X509Chain { ChainPolicy = NewPolicy(CertificateUse.Client, DateTimeOffset.UtcNow) };
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        return chain.Build(Certificate);
    }
}
