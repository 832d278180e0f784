using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OrdersActors.Publishing.Tls;

/// <summary>A role in a TLS connection, by its extended key usage.</summary>
internal sealed record CertificateUse(string ObjectId)
{
    /// <summary>The side that was connected to.</summary>
    public static CertificateUse Server { get; } = new("1.3.6.1.5.5.7.3.1");

    /// <summary>The side that connects.</summary>
    public static CertificateUse Client { get; } = new("1.3.6.1.5.5.7.3.2");

    /// <summary>Whether a certificate permits the role. One without extended key usage permits all roles.</summary>
    public bool IsPermittedBy(X509Certificate2 certificate)
    {
        var usages = certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().ToArray();
        return usages.Length == 0
            || usages.Any(usage => usage.EnhancedKeyUsages.Cast<Oid>().Any(id => id.Value == ObjectId));
    }
}
