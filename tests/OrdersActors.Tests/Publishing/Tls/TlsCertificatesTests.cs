using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Publishing.Tls;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Publishing.Tls;

public sealed class TlsCertificatesTests : IDisposable
{
    private readonly TlsTestFiles _files = TlsTestFiles.WithPem();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly RecordingLogger<TlsCertificates> _logger = new();

    [Fact]
    public void New_certificate_is_used_when_two_readings_have_found_it()
    {
        using var certificates = Load();
        Assert.Equal("CN=silo", Subject(certificates));
        _files.WritePem(_files.Authority.Issue("renewed"));
        certificates.Poll();
        Assert.Equal("CN=silo", Subject(certificates));
        certificates.Poll();
        Assert.Equal("CN=renewed", Subject(certificates));
        certificates.Poll();
        Assert.Equal([1530], _logger.Ids);
    }

    [Fact]
    public void New_authorities_are_used()
    {
        using var certificates = Load();
        using var next = new TestAuthority("next");
        _files.Trust(_files.Authority, next);
        Poll(certificates, 2);
        Assert.Equal(2, certificates.Current.RootCount);
        _files.WritePem(next.Issue("renewed"));
        Poll(certificates, 2);
        _files.Trust(next);
        Poll(certificates, 2);
        Assert.Equal(1, certificates.Current.RootCount);
        Assert.Equal("CN=renewed", Subject(certificates));
    }

    [Fact]
    public void Bad_file_is_reported_once_and_the_certificate_in_use_stays()
    {
        using var certificates = Load();
        _files.Write("certificate.pem", "nonsense");
        Poll(certificates, 5);
        Assert.Equal([1531], _logger.Ids);
        Assert.Contains("certificate.pem", _logger.Text, StringComparison.Ordinal);
        Assert.Contains("CN=silo", _logger.Text, StringComparison.Ordinal);
        Assert.Equal("CN=silo", Subject(certificates));

        _files.Write("certificate.pem", "other nonsense");
        Poll(certificates, 5);
        Assert.Equal([1531, 1531], _logger.Ids);

        _files.WritePem(_files.Authority.Issue("repaired"));
        Poll(certificates, 2);
        Assert.Equal("CN=repaired", Subject(certificates));
    }

    [Fact]
    public void Missing_file_is_reported_once()
    {
        using var certificates = Load();
        File.Delete(_files.Options.KeyFile!);
        Poll(certificates, 5);
        Assert.Equal([1531], _logger.Ids);
        Assert.Contains("key.pem does not exist", _logger.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_are_written_one_after_the_other_are_not_reported()
    {
        using var certificates = Load();
        var renewed = _files.Authority.Issue("renewed");
        _files.Write("certificate.pem", renewed.Pem[..100]);
        certificates.Poll();
        _files.Write("certificate.pem", renewed.Pem);
        certificates.Poll();
        _files.Write("key.pem", renewed.KeyPem);
        Poll(certificates, 2);
        Assert.Equal([1530], _logger.Ids);
        Assert.Equal("CN=renewed", Subject(certificates));
    }

    [Fact]
    public void Restored_file_is_not_news()
    {
        using var certificates = Load();
        var before = File.ReadAllText(_files.Options.CertificateFile!);
        var identity = certificates.Current;
        _files.Write("certificate.pem", "nonsense");
        Poll(certificates, 2);
        _files.Write("certificate.pem", before);
        Poll(certificates, 3);
        Assert.Same(identity, certificates.Current);
        Assert.Equal([1531], _logger.Ids);
    }

    [Fact]
    public async Task Files_are_polled_on_the_clock()
    {
        await using var certificates = Load();
        certificates.Start();
        certificates.Start();
        _files.WritePem(_files.Authority.Issue("renewed"));
        await Eventually.Holds(
            () =>
            {
                _time.Advance(TlsCertificates.Interval);
                return Subject(certificates) == "CN=renewed";
            },
            () => $"the new certificate is not used\n{_logger.Text}");
    }

    [Fact]
    public async Task Certificate_that_expires_soon_is_reported_every_day()
    {
        _files.WritePem(_files.Authority.Issue("silo", notAfter: _time.GetUtcNow().AddDays(10)));
        using var certificates = Load();
        Poll(certificates, 3);
        Assert.Equal([1532], _logger.Ids);
        _time.Advance(TimeSpan.FromDays(1));
        Poll(certificates, 3);
        _time.Advance(TimeSpan.FromDays(12));
        Poll(certificates, 3);
        Assert.Equal([1532, 1532, 1533], _logger.Ids);
        Assert.Equal([LogLevel.Warning, LogLevel.Warning, LogLevel.Error], _logger.Levels);

        await using var started = Load();
        started.Start();
        await Eventually.Holds(() => _logger.Ids.Length == 4, () => _logger.Text);
    }

    [Fact]
    public async Task Disposing_ends_the_polling()
    {
        var certificates = Load();
        certificates.Start();
        await certificates.DisposeAsync();
        await certificates.DisposeAsync();
        certificates.Start();
        _files.WritePem(_files.Authority.Issue("renewed"));
        _time.Advance(TlsCertificates.Interval * 5);
        Assert.Equal("CN=silo", Subject(certificates));
    }

    public void Dispose() => _files.Dispose();

    private static string Subject(TlsCertificates certificates) => certificates.Current.Certificate.Subject;

    private static void Poll(TlsCertificates certificates, int times)
    {
        for (var i = 0; i < times; i++)
        {
            certificates.Poll();
        }
    }

    private TlsCertificates Load() => TlsCertificates.Load(_files.ForServer())(_time, _logger);
}
