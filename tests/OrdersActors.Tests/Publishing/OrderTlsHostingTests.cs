using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OrdersActors.Publishing;

namespace OrdersActors.Tests.Publishing;

public sealed class OrderTlsHostingTests
{
    [Fact]
    public void Incomplete_options_are_named()
    {
        Assert.Contains("CertificateFile", Refused<ArgumentException>(new() { AuthorityFile = "/ca.pem" }));
        Assert.Contains("AuthorityFile", Refused<ArgumentException>(new() { CertificateFile = "/silo.pem" }));
    }

    [Fact]
    public void Missing_file_is_named_when_the_client_is_configured() => Assert.Contains(
        "CertificateFile: /missing/silo.pem does not exist",
        Refused<InvalidDataException>(new() { CertificateFile = "/missing/silo.pem", AuthorityFile = "/missing/ca" }));

    [Fact]
    public void Publisher_with_incomplete_options_does_not_start()
    {
        var services = new ServiceCollection().AddLogging();
        services.AddOrderStatusPublisher(options => options.Tls = new OrderTlsOptions { KeyFile = "/key.pem" });
        using var provider = services.BuildServiceProvider();
        var e = Assert.Throws<OptionsValidationException>(
            () => provider.GetRequiredService<IOptions<OrderStatusPublisherOptions>>().Value);
        Assert.Contains("Tls needs CertificateFile", e.Message, StringComparison.Ordinal);
    }

    private static string Refused<T>(OrderTlsOptions options)
        where T : Exception =>
        Assert.Throws<T>(() => new ServiceCollection().AddOrleansClient(client => client.UseOrderTls(options))).Message;
}
