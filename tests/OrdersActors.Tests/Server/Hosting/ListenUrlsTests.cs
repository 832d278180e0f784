using Microsoft.Extensions.Configuration;
using OrdersActors.Server.Hosting;

namespace OrdersActors.Tests.Server.Hosting;

public sealed class ListenUrlsTests
{
    [Fact]
    public void Default_is_port_5080_on_localhost() => Assert.Equal("http://localhost:5080", Resolve());

    [Fact]
    public void Ports_are_used_on_all_addresses() => Assert.Equal(
        "http://*:8080;http://*:8081;https://*:8443", Resolve(("http_ports", "8080;8081"), ("https_ports", "8443")));

    [Fact]
    public void URL_overrides_the_ports_that_container_images_set() => Assert.Equal(
        "http://0.0.0.0:5080", Resolve(("urls", "http://0.0.0.0:5080"), ("http_ports", "8080")));

    [Fact]
    public void Overridden_ports_are_hidden_from_the_web_server()
    {
        var configuration = Configuration(("urls", "http://0.0.0.0:5080"), ("http_ports", "8080"));
        ListenUrls.Resolve(configuration);
        Assert.Equal("", configuration["http_ports"]);
    }

    [Fact]
    public void Endpoints_of_the_web_server_take_precedence_and_no_URL_is_added()
    {
        var configuration = Configuration(
            ("Kestrel:Endpoints:First:Url", "http://127.0.0.1:7000"), ("http_ports", "8080"));
        Assert.Equal("http://127.0.0.1:7000", Assert.Single(ListenUrls.Resolve(configuration)).Url);
        Assert.Null(configuration["urls"]);
    }

    [Fact]
    public void Invalid_port_is_named()
    {
        var e = Assert.Throws<StartupException>(() => Resolve(("http_ports", "8080;many")));
        Assert.Contains("ASPNETCORE_HTTP_PORTS", e.Message, StringComparison.Ordinal);
        Assert.Contains("many", e.Message, StringComparison.Ordinal);
    }

    private static string? Resolve(params (string Key, string Value)[] settings)
    {
        var configuration = Configuration(settings);
        ListenUrls.Resolve(configuration);
        return configuration["urls"];
    }

    private static IConfigurationRoot Configuration(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
            .Build();
}
