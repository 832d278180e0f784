using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Limits;

namespace OrdersActors.Tests.FrontEnd.Limits;

public sealed class ForwardedAddressesTests
{
    [Theory]
    [InlineData("", "192.0.2.1", "127.0.0.1")]
    [InlineData("10.0.0.0/8", "192.0.2.1", "127.0.0.1")]
    [InlineData("127.0.0.0/8", "192.0.2.1", "192.0.2.1")]
    [InlineData("127.0.0.1", "203.0.113.77, 192.0.2.1", "192.0.2.1")]
    [InlineData("127.0.0.1,10.0.0.0/8", "203.0.113.77, 192.0.2.1, 10.1.2.3", "192.0.2.1")]
    [InlineData("127.0.0.1", "2001:db8::1", "2001:db8::1")]
    public async Task Only_known_proxies_set_the_address_of_a_client(string proxies, string forwarded, string seen)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.Configure<FrontEndOptions>(options => options.KnownProxies = proxies);
        builder.Services.AddTransient<IStartupFilter, ForwardedAddresses>();
        await using var app = builder.Build();
        app.MapGet("/", (HttpContext context) => context.Connection.RemoteIpAddress!.ToString());
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, app.Urls.First());
        request.Headers.Add("X-Forwarded-For", forwarded);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(
            IPAddress.Parse(seen),
            IPAddress.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
    }
}
