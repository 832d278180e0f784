using Microsoft.Extensions.Configuration;
using OrdersActors.Server.Hosting;
using OrdersActors.Tests.Publishing.Tls;
using ServerRole = OrdersActors.Server.Hosting.ServerRole;

namespace OrdersActors.Tests.Server.Hosting;

public sealed class ServerTlsTests
{
    [Fact]
    public void Without_settings_there_is_no_TLS()
    {
        Assert.Null(Read());
        Assert.Null(Read(("CertificateFile", ""), ("AuthorityFile", "")));
    }

    [Fact]
    public void Files_and_password_are_read()
    {
        var tls = Read(
            ("CertificateFile", "/a"), ("KeyFile", "/b"), ("Password", "hush"), ("AuthorityFile", "/c"))!;
        Assert.Equal(
            ("/a", "/b", "hush", "/c"), (tls.CertificateFile, tls.KeyFile, tls.Password, tls.AuthorityFile));
    }

    [Theory]
    [InlineData("AuthorityFile", "OrdersActors:Tls:CertificateFile")]
    [InlineData("CertificateFile", "OrdersActors:Tls:AuthorityFile")]
    [InlineData("Password", "OrdersActors:Tls:CertificateFile")]
    [InlineData("CertificatFile", "OrdersActors:Tls:CertificatFile is not a setting")]
    [InlineData("CertificatePassword", "OrdersActors:Tls:CertificatePassword is not a setting")]
    public void Incomplete_or_misspelled_settings_are_named(string name, string words) => Assert.Contains(
        words, Assert.Throws<StartupException>(() => Read((name, "/a"))).Message, StringComparison.Ordinal);

    [Fact]
    public void Bad_file_is_named_for_every_role()
    {
        foreach (var role in Enum.GetValues<ServerRole>())
        {
            var options = Options(("CertificateFile", "/missing.pfx"), ("AuthorityFile", "/missing.pem"));
            var e = Assert.Throws<StartupException>(() => ServerTls.Check(options, role));
            Assert.Equal("OrdersActors:Tls:CertificateFile: /missing.pfx does not exist", e.Message);
        }
    }

    [Fact]
    public void Front_end_needs_no_certificate_of_a_server()
    {
        using var files = TlsTestFiles.WithPem(authority => authority.Issue("front-end", isServer: false));
        var options = Options(
            ("CertificateFile", files.Options.CertificateFile!), ("KeyFile", files.Options.KeyFile!),
            ("AuthorityFile", files.Options.AuthorityFile!));
        ServerTls.Check(options, ServerRole.FrontEnd);
        Assert.Throws<StartupException>(() => ServerTls.Check(options, ServerRole.Silo));
    }

    private static OrdersActors.Publishing.OrderTlsOptions? Read(params (string Name, string Value)[] settings) =>
        Options(settings).Tls;

    private static ServerOptions Options(params (string Name, string Value)[] settings) => ServerOptions.Read(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(
            setting => KeyValuePair.Create($"OrdersActors:Tls:{setting.Name}", (string?)setting.Value))).Build());
}
