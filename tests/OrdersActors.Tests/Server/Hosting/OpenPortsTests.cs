using Microsoft.Extensions.Configuration;
using OrdersActors.Server.Hosting;
using OrdersActors.Tests.Support;
using ServerRole = OrdersActors.Server.Hosting.ServerRole;

namespace OrdersActors.Tests.Server.Hosting;

public sealed class OpenPortsTests
{
    [Theory]
    [InlineData("10.0.0.5", false, true)]
    [InlineData("fd00::5", false, true)]
    [InlineData("10.0.0.5", true, false)]
    [InlineData("127.0.0.1", false, false)]
    [InlineData("127.0.0.7", false, false)]
    [InlineData("::1", false, false)]
    [InlineData(null, false, false)]
    public void Silo_that_other_machines_can_reach_without_TLS_is_reported(string? address, bool tls, bool isReported)
    {
        var logger = new RecordingLogger<OpenPorts>();
        var options = Options(address, tls);
        new OpenPorts(logger).Warn(options, ServerRole.Silo);
        new OpenPorts(logger).Warn(options, ServerRole.FrontEnd);
        Assert.Equal(isReported ? [1620] : [], logger.Ids);
        if (isReported)
        {
            Assert.Contains(address!, logger.Text, StringComparison.Ordinal);
            Assert.Contains("OrdersActors:Tls:CertificateFile", logger.Text, StringComparison.Ordinal);
        }
    }

    private static ServerOptions Options(string? address, bool tls)
    {
        var settings = new Dictionary<string, string?> { ["OrdersActors:AdvertisedAddress"] = address };
        if (tls)
        {
            settings["OrdersActors:Tls:CertificateFile"] = "/silo.pfx";
            settings["OrdersActors:Tls:AuthorityFile"] = "/ca.pem";
        }

        return ServerOptions.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
    }
}
