using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace OrdersActors.Publishing.Tls;

/// <summary>Decides about the certificate of the other side of a connection.</summary>
internal static class PeerCertificate
{
    // The other side chooses its subject, which is logged.
    private const int MaxSubject = 200;

    /// <summary>
    /// Returns why the certificate is refused, or null if it is accepted. Its name is not compared with the address,
    /// because every certificate of the authorities is a member of the cluster.
    /// </summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="chain">The chain that was built with <see cref="TlsIdentity.NewPolicy"/>.</param>
    /// <param name="errors">The result of the chain.</param>
    public static string? FindProblem(X509Certificate2 certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        // Without our rules, the certificate would have been checked against the authorities of the operating system.
        if (chain?.ChainPolicy is not { TrustMode: X509ChainTrustMode.CustomRootTrust, CustomTrustStore.Count: > 0 })
        {
            return $"{Describe(certificate)} was not checked against the trusted authorities";
        }

        if ((errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None)
        {
            return null;
        }

        var statuses = chain.ChainStatus.Select(status => $"{status.Status}").Distinct();
        return $"its certificate {Describe(certificate)} was refused ({string.Join(", ", statuses)})";
    }

    /// <summary>Returns the subject for a log line: of limited length and without control characters.</summary>
    public static string Describe(X509Certificate2 certificate)
    {
        var subject = certificate.Subject;
        var text = subject.Length > MaxSubject ? subject[..MaxSubject] + "…" : subject;
        return string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));
    }
}
