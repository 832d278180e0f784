using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OrdersActors.TestServer;

/// <summary>An authority that issues certificates, made by the test.</summary>
public sealed class TestAuthority : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <param name="name">The common name.</param>
    /// <param name="parent">The authority that issues this one's certificate; null for a root.</param>
    public TestAuthority(string name, TestAuthority? parent = null)
    {
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = DateTimeOffset.UtcNow;
        if (parent is null)
        {
            Certificate = request.CreateSelfSigned(now.AddYears(-10), now.AddYears(10));
        }
        else
        {
            using var issued = request.Create(parent.Certificate, now.AddYears(-9), now.AddYears(9), NewSerial());
            Certificate = issued.CopyWithPrivateKey(_key);
        }
    }

    /// <summary>The authority's own certificate, with its key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The authority's certificate in PEM.</summary>
    public string Pem => Certificate.ExportCertificatePem() + "\n";

    /// <summary>Issues a certificate.</summary>
    /// <param name="name">The common name.</param>
    /// <param name="isServer">Whether it permits server authentication in addition to client authentication.</param>
    /// <param name="notBefore">The beginning of its validity; default: a day ago.</param>
    /// <param name="notAfter">The end of its validity; default: in a year.</param>
    public TestCertificate Issue(
        string name, bool isServer = true, DateTimeOffset? notBefore = null, DateTimeOffset? notAfter = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var issued = Request(name, key, isServer, isClient: true).Create(
            Certificate, notBefore ?? DateTimeOffset.UtcNow.AddDays(-1), notAfter ?? DateTimeOffset.UtcNow.AddYears(1),
            NewSerial());
        using var certificate = issued.CopyWithPrivateKey(key);
        return TestCertificate.Of(certificate, key);
    }

    /// <summary>A certificate that permits server authentication only, for localhost and 127.0.0.1.</summary>
    public TestCertificate IssueForWeb()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request("localhost", key, isServer: true, isClient: false);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var issued = request.Create(
            Certificate, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(1), NewSerial());
        using var certificate = issued.CopyWithPrivateKey(key);
        return TestCertificate.Of(certificate, key);
    }

    /// <summary>A certificate that no authority has issued.</summary>
    public static TestCertificate SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Request(name, key, isServer: true, isClient: true).CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(1));
        return TestCertificate.Of(certificate, key);
    }

    public void Dispose()
    {
        Certificate.Dispose();
        _key.Dispose();
    }

    private static CertificateRequest Request(string name, ECDsa key, bool isServer, bool isClient)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var usages = new OidCollection();
        if (isClient)
        {
            usages.Add(new Oid("1.3.6.1.5.5.7.3.2"));
        }

        if (isServer)
        {
            usages.Add(new Oid("1.3.6.1.5.5.7.3.1"));
        }

        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(usages, critical: false));
        return request;
    }

    private static byte[] NewSerial() => RandomNumberGenerator.GetBytes(8);
}
