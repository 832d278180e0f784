using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Features;

namespace OrdersActors.Faults.Breakages;

/// <summary>Inserts a stream that tampers with frames between every connection and its socket.</summary>
internal sealed class SocketBreakage(FrameTampering tampering) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, rest) =>
        {
            if (context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } real)
            {
                context.Features.Set<IHttpUpgradeFeature>(new Upgrade(real, tampering));
            }

            return rest(context);
        });
        next(app);
    };

    private sealed class Upgrade(IHttpUpgradeFeature real, FrameTampering tampering) : IHttpUpgradeFeature
    {
        public bool IsUpgradableRequest => real.IsUpgradableRequest;

        public async Task<Stream> UpgradeAsync() => new FrameStream(await real.UpgradeAsync(), tampering.Tamper);
    }
}
