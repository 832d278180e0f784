using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace OrdersActors.FrontEnd.Limits;

/// <summary>
/// Takes the client's address from X-Forwarded-For if the request comes from a known proxy
/// (<see cref="FrontEndOptions.KnownProxies"/>). The header is read backwards as long as its addresses are known
/// proxies. From any other sender it is ignored.
/// </summary>
internal sealed class ForwardedAddresses(IOptions<FrontEndOptions> options) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        var proxies = KnownProxies.Parse(options.Value.KnownProxies);
        if (proxies.Count > 0)
        {
            app.UseForwardedHeaders(Forwarding(proxies));
        }

        next(app);
    };

    private static ForwardedHeadersOptions Forwarding(IReadOnlyList<System.Net.IPNetwork> proxies)
    {
        // No limit on the number of proxies in a row: the first address that is not a known proxy is the client's.
        var forwarding = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor,
            ForwardLimit = null,
        };
        forwarding.KnownProxies.Clear();
        forwarding.KnownIPNetworks.Clear();
        foreach (var network in proxies)
        {
            forwarding.KnownIPNetworks.Add(network);
        }

        return forwarding;
    }
}
