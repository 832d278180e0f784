using OrdersActors.Publishing;

namespace OrdersActors.TestServer;

/// <summary>
/// The certificate files of a cluster in a temporary folder: one certificate for all servers, one for all publishers,
/// and the trusted authorities. They can be replaced while the processes run.
/// </summary>
public sealed class TlsFolder : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orders-actors-tls-").FullName;

    /// <summary>Creates the files.</summary>
    public TlsFolder(TestAuthority authority)
    {
        Trust(authority);
        Renew(authority);
    }

    /// <summary>The settings of every server, as environment variables.</summary>
    public Dictionary<string, string> Variables => Settings(Server);

    /// <summary>The options of every publisher.</summary>
    public OrderTlsOptions Publisher => Options("publisher");

    private OrderTlsOptions Server => Options("server");

    /// <summary>The settings of options, as environment variables.</summary>
    public static Dictionary<string, string> Settings(OrderTlsOptions options) => new()
    {
        ["OrdersActors__Tls__CertificateFile"] = options.CertificateFile ?? "",
        ["OrdersActors__Tls__KeyFile"] = options.KeyFile ?? "",
        ["OrdersActors__Tls__AuthorityFile"] = options.AuthorityFile ?? "",
    };

    /// <summary>Replaces the trusted authorities of all processes.</summary>
    public void Trust(params TestAuthority[] authorities) =>
        Replace("authority.pem", string.Concat(authorities.Select(authority => authority.Pem)));

    /// <summary>Replaces the certificates of all processes.</summary>
    public void Renew(TestAuthority authority)
    {
        Write("server", authority.Issue("silo"));
        Write("publisher", authority.Issue("publisher", isServer: false));
    }

    /// <summary>Writes a certificate of another process. Returns its options.</summary>
    public OrderTlsOptions Write(string name, TestCertificate certificate)
    {
        Replace($"{name}.pem", certificate.Pem);
        Replace($"{name}.key", certificate.KeyPem);
        return Options(name);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private OrderTlsOptions Options(string name) => new()
    {
        CertificateFile = Path.Combine(_folder, $"{name}.pem"),
        KeyFile = Path.Combine(_folder, $"{name}.key"),
        AuthorityFile = Path.Combine(_folder, "authority.pem"),
    };

    private void Replace(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
    }
}
