using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Publishing.Tls;
using OrdersActors.TestServer;

namespace OrdersActors.Tests.Publishing.Tls;

public sealed class CertificateExpiryTests : IDisposable
{
    private readonly TestAuthority _authority = new("ours");
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    [Fact]
    public void Warning_is_due_once_a_day_in_the_last_14_days()
    {
        using var certificate = Issue(days: 15);
        var expiry = new CertificateExpiry(_time);
        Assert.Null(expiry.Check(certificate));
        _time.Advance(TimeSpan.FromDays(1) + TimeSpan.FromHours(1));
        Assert.Equal(13, (int)expiry.Check(certificate)!.Value.TotalDays);
        _time.Advance(TimeSpan.FromHours(23));
        Assert.Null(expiry.Check(certificate));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(12, (int)expiry.Check(certificate)!.Value.TotalDays);
        _time.Advance(TimeSpan.FromDays(20));
        Assert.True(expiry.Check(certificate) < TimeSpan.Zero);
    }

    [Fact]
    public void New_certificate_has_its_own_warning()
    {
        using var first = Issue(days: 3);
        using var second = Issue(days: 2);
        using var good = Issue(days: 100);
        var expiry = new CertificateExpiry(_time);
        Assert.NotNull(expiry.Check(first));
        Assert.Null(expiry.Check(good));
        Assert.NotNull(expiry.Check(second));
    }

    public void Dispose() => _authority.Dispose();

    private X509Certificate2 Issue(int days) => X509Certificate2.CreateFromPem(
        _authority.Issue("silo", notAfter: _time.GetUtcNow().AddDays(days)).Pem);
}
