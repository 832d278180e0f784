using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using OrdersActors.Publishing.Tls;
using OrdersActors.TestServer;

namespace OrdersActors.Tests.Publishing.Tls;

public sealed class TlsIdentityTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private readonly TlsTestFiles _files = TlsTestFiles.WithPem();

    [Fact]
    public void Certificate_of_the_authority_is_accepted() =>
        Assert.Null(Problem(_files.Authority.Issue("peer", isServer: false)));

    [Fact]
    public void Certificate_of_another_authority_with_the_same_name_is_refused()
    {
        using var other = new TestAuthority("ours");
        Assert.NotNull(Problem(other.Issue("peer")));
    }

    [Fact]
    public void Self_signed_certificate_is_refused() =>
        Assert.Contains("UntrustedRoot", Problem(TestAuthority.SelfSigned("peer")), StringComparison.Ordinal);

    [Fact]
    public void Certificate_is_valid_in_its_time_only()
    {
        var peer = _files.Authority.Issue("peer", notBefore: Now.AddDays(-2), notAfter: Now.AddDays(2));
        Assert.Contains("NotTimeValid", Problem(peer, Now.AddDays(3)), StringComparison.Ordinal);
        Assert.Contains("NotTimeValid", Problem(peer, Now.AddDays(-3)), StringComparison.Ordinal);
        Assert.Null(Problem(peer, Now.AddDays(1)));
    }

    [Fact]
    public void Certificate_must_permit_its_role()
    {
        var client = _files.Authority.Issue("peer", isServer: false);
        Assert.Contains(
            "NotValidForUsage", Problem(client, Now, CertificateUse.Server), StringComparison.Ordinal);
        Assert.Contains("NotValidForUsage", Problem(_files.Authority.IssueForWeb()), StringComparison.Ordinal);
    }

    [Fact]
    public void Several_authorities_are_trusted_while_one_is_replaced()
    {
        using var next = new TestAuthority("next");
        var (old, renewed) = (_files.Authority.Issue("peer"), next.Issue("peer"));
        Assert.NotNull(Problem(renewed));
        _files.Trust(_files.Authority, next);
        Assert.Null(Problem(old));
        Assert.Null(Problem(renewed));
    }

    [Fact]
    public void Intermediate_authority_completes_chains_below_a_trusted_root_only()
    {
        using var below = new TestAuthority("below", _files.Authority);
        using var stranger = new TestAuthority("stranger");
        using var belowStranger = new TestAuthority("below stranger", stranger);
        Assert.NotNull(Problem(below.Issue("peer")));
        _files.Trust(_files.Authority, below, belowStranger);
        Assert.Null(Problem(below.Issue("peer")));
        Assert.NotNull(Problem(belowStranger.Issue("peer")));
    }

    [Fact]
    public void Certificate_that_was_checked_against_other_authorities_is_refused()
    {
        using var peer = Load(_files.Authority.Issue("peer"));
        using var chain = new X509Chain();
        Assert.NotNull(PeerCertificate.FindProblem(peer, chain, SslPolicyErrors.None));
        Assert.NotNull(PeerCertificate.FindProblem(peer, null, SslPolicyErrors.None));
    }

    [Fact]
    public void Name_is_not_compared()
    {
        using var peer = Load(_files.Authority.Issue("peer"));
        using var chain = new X509Chain { ChainPolicy = _files.Load().NewPolicy(CertificateUse.Server, Now) };
        Assert.Null(PeerCertificate.FindProblem(peer, chain, SslPolicyErrors.RemoteCertificateNameMismatch));
    }

    [Fact]
    public void Subject_in_a_log_line_is_short_and_printable()
    {
        using var long_ = Load(TestAuthority.SelfSigned(new string('x', 5000)));
        Assert.InRange(PeerCertificate.Describe(long_).Length, 100, 300);
        using var lines = Load(TestAuthority.SelfSigned("a\u001bb"));
        Assert.DoesNotContain('\u001b', PeerCertificate.Describe(lines));
    }

    public void Dispose() => _files.Dispose();

    private static X509Certificate2 Load(TestCertificate certificate) =>
        X509Certificate2.CreateFromPem(certificate.Pem);

    private string? Problem(TestCertificate certificate, DateTimeOffset? at = null, CertificateUse? use = null)
    {
        using var peer = Load(certificate);
        using var chain = new X509Chain
        {
            ChainPolicy = _files.Load().NewPolicy(use ?? CertificateUse.Client, at ?? Now),
        };
        var errors = chain.Build(peer) ? SslPolicyErrors.None : SslPolicyErrors.RemoteCertificateChainErrors;
        return PeerCertificate.FindProblem(peer, chain, errors);
    }
}
