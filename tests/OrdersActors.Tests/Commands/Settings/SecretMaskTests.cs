using OrdersActors.Server.Commands.Settings;

namespace OrdersActors.Tests.Commands.Settings;

public class SecretMaskTests
{
    [Theory]
    [InlineData("OrdersActors:Tls:Password", "s3cret")]
    [InlineData("OrdersActors:KeyRing:CertificatePassword", "s3cret")]
    [InlineData("Kestrel:Endpoints:Web:Certificate:Password", "s3cret")]
    [InlineData("OrdersActors:Telemetry:Headers", "api-key=s3cret")]
    [InlineData("ConnectionStrings:OrdersActors", "Host=db;Password=s3cret")]
    [InlineData("ConnectionStrings:OrdersActors", "Host=db;PWD='s3cret';Passfile=s3cret")]
    [InlineData("ConnectionStrings:OrdersActors", "no connection string s3cret")]
    [InlineData("OrdersActors:Telemetry:Endpoint", "https://user:s3cret@collector:4317/path")]
    public void Secret_is_hidden(string name, string value)
    {
        var shown = SecretMask.Apply(name, value);
        Assert.DoesNotContain("s3cret", shown, StringComparison.Ordinal);
        Assert.Contains(SecretMask.Hidden, shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OrdersActors:Tls:Password", "")]
    [InlineData("OrdersActors:Tls:KeyFile", "/etc/key.pem")]
    [InlineData("OrdersActors:FrontEnd:MaxConnections", "50000")]
    [InlineData("Urls", "http://localhost:5080")]
    public void Other_values_are_shown(string name, string value) =>
        Assert.Equal(value, SecretMask.Apply(name, value));
}
