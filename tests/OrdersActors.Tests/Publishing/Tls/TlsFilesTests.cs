using OrdersActors.Publishing.Tls;
using OrdersActors.TestServer;

namespace OrdersActors.Tests.Publishing.Tls;

public sealed class TlsFilesTests : IDisposable
{
    private readonly TlsTestFiles _files = TlsTestFiles.WithPem();

    [Fact]
    public void PEM_certificate_and_key_are_read()
    {
        var identity = _files.Load();
        Assert.Equal("CN=silo", identity.Certificate.Subject);
        Assert.True(identity.Certificate.HasPrivateKey);
        Assert.Equal(1, identity.RootCount);
    }

    [Fact]
    public void Encrypted_PEM_key_needs_its_password()
    {
        var certificate = _files.Authority.Issue("silo");
        _files.WritePem(certificate with { KeyPem = certificate.EncryptedKeyPem });
        Refused("Test:Password", "key.pem");
        _files.Options.Password = "wrong";
        Refused("Test:KeyFile", "key.pem", "password is wrong");
        _files.Options.Password = TestCertificate.Password;
        Assert.True(_files.Load().Certificate.HasPrivateKey);
    }

    [Fact]
    public void PKCS12_needs_its_password()
    {
        _files.Options.KeyFile = "";
        _files.Options.CertificateFile = _files.Write("silo.pfx", _files.Authority.Issue("silo").Pkcs12);
        Refused("Test:Password", "silo.pfx");
        _files.Options.Password = TestCertificate.Password;
        Assert.Equal("CN=silo", _files.Load().Certificate.Subject);
    }

    [Fact]
    public void Missing_files_are_named()
    {
        var (certificate, key, authority) =
            (_files.Options.CertificateFile!, _files.Options.KeyFile!, _files.Options.AuthorityFile!);
        File.Delete(authority);
        Refused("Test:AuthorityFile", authority, "does not exist");
        File.Delete(key);
        Refused("Test:KeyFile", key, "does not exist");
        File.Delete(certificate);
        Refused("Test:CertificateFile", certificate, "does not exist");
    }

    [Fact]
    public void Folder_and_huge_file_are_named()
    {
        _files.Write("ca.pem", new byte[TlsFiles.MaxBytes + 1]);
        Refused("Test:AuthorityFile", "ca.pem", "bytes");
        _files.Options.AuthorityFile = Path.GetTempPath();
        Refused("Test:AuthorityFile", Path.GetTempPath());
    }

    [Fact]
    public void PEM_without_key_file_is_explained()
    {
        _files.Options.KeyFile = null;
        Refused("Test:CertificateFile", "Test:KeyFile");
    }

    [Theory]
    [InlineData("certificate.pem", "Test:CertificateFile")]
    [InlineData("key.pem", "Test:KeyFile")]
    [InlineData("ca.pem", "Test:AuthorityFile")]
    public void Empty_half_written_or_damaged_file_is_named(string name, string setting)
    {
        var path = Path.Combine(Path.GetDirectoryName(_files.Options.CertificateFile)!, name);
        var whole = File.ReadAllText(path);
        foreach (var text in new[] { "", whole[..^40], Damage(whole) })
        {
            File.WriteAllText(path, text);
            Refused(setting, path);
        }
    }

    [Fact]
    public void Key_of_another_certificate_is_refused()
    {
        _files.Write("key.pem", _files.Authority.Issue("other").KeyPem);
        Refused("Test:KeyFile", "key.pem", "certificate.pem");
    }

    [Fact]
    public void Authority_file_must_hold_authorities()
    {
        _files.Write("ca.pem", _files.Authority.Pem + _files.Authority.Issue("silo").Pem);
        Refused("Test:AuthorityFile", "CN=silo", "authority");
    }

    [Fact]
    public void Authority_file_needs_a_root()
    {
        using var below = new TestAuthority("below", _files.Authority);
        _files.Trust(below);
        Refused("Test:AuthorityFile", "self-signed");
        _files.Trust(below, _files.Authority);
        Assert.Equal(1, _files.Load().RootCount);
    }

    [Fact]
    public void Certificate_of_a_server_must_permit_both_roles_and_be_issued_by_a_trusted_authority()
    {
        _files.WritePem(_files.Authority.Issue("publisher", isServer: false));
        Refused("Test:CertificateFile", "CN=publisher", "server authentication");
        Assert.Equal("CN=publisher", _files.Load(isServer: false).Certificate.Subject);

        _files.WritePem(_files.Authority.IssueForWeb());
        Refused("Test:CertificateFile", "client authentication");

        using var other = new TestAuthority("other");
        _files.WritePem(other.Issue("stranger"));
        Refused("Test:CertificateFile", "CN=stranger", "ca.pem");
        Assert.Equal("CN=stranger", _files.Load(isServer: false).Certificate.Subject);
    }

    [Fact]
    public void Expired_certificate_does_not_prevent_a_start()
    {
        _files.WritePem(_files.Authority.Issue("silo", notBefore: Ago(days: 30), notAfter: Ago(days: 1)));
        Assert.Equal("CN=silo", _files.Load().Certificate.Subject);
    }

    [Fact]
    public void Secrets_are_not_in_messages()
    {
        _files.Options.Password = "hush-hush";
        _files.Options.KeyFile = null;
        _files.Options.CertificateFile = _files.Write("silo.pfx", _files.Authority.Issue("silo").Pkcs12);
        var e = Assert.Throws<InvalidDataException>(() => _files.Load());
        Assert.DoesNotContain("hush", e.ToString(), StringComparison.Ordinal);
    }

    public void Dispose() => _files.Dispose();

    internal static DateTimeOffset Ago(int days) => DateTimeOffset.UtcNow.AddDays(-days);

    private static string Damage(string pem)
    {
        var lines = pem.Split('\n');
        (lines[1], lines[2]) = (lines[2], lines[1]);
        return string.Join('\n', lines);
    }

    private void Refused(params string[] words)
    {
        var e = Assert.Throws<InvalidDataException>(() => _files.Load());
        Assert.All(words, word => Assert.Contains(word, e.Message, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', e.Message);
    }
}
