using OrdersActors.Publishing;
using OrdersActors.Publishing.Tls;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Publishing.Tls;

/// <summary>Files of TLS settings in a temporary folder.</summary>
internal sealed class TlsTestFiles : IDisposable
{
    private readonly TempFolder _folder = new();

    public TestAuthority Authority { get; } = new("ours");

    public OrderTlsOptions Options { get; } = new();

    /// <summary>Writes a PEM certificate, its key and the authority, and names them in the options.</summary>
    public static TlsTestFiles WithPem(Func<TestAuthority, TestCertificate>? issue = null)
    {
        var files = new TlsTestFiles();
        files.WritePem((issue ?? (authority => authority.Issue("silo")))(files.Authority));
        files.Trust(files.Authority);
        return files;
    }

    public void WritePem(TestCertificate certificate)
    {
        Options.CertificateFile = Write("certificate.pem", certificate.Pem);
        Options.KeyFile = Write("key.pem", certificate.KeyPem);
    }

    public void Trust(params TestAuthority[] authorities) =>
        Options.AuthorityFile = Write("ca.pem", string.Concat(authorities.Select(authority => authority.Pem)));

    public string Write(string name, string text)
    {
        var path = System.IO.Path.Combine(_folder.Path, name);
        File.WriteAllText(path, text);
        return path;
    }

    public string Write(string name, byte[] bytes)
    {
        var path = System.IO.Path.Combine(_folder.Path, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public TlsFiles ForServer() => new(Options, "Test:", isServer: true);

    public TlsIdentity Load(bool isServer = true)
    {
        var files = new TlsFiles(Options, "Test:", isServer);
        return files.Parse(files.Read());
    }

    public void Dispose()
    {
        Authority.Dispose();
        _folder.Dispose();
    }
}
