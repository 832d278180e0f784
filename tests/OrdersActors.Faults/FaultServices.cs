using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using OrdersActors.Faults.Breakages;
using OrdersActors.Faults.Hops;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.Storage;

namespace OrdersActors.Faults;

/// <summary>Inserts the configured faults between the parts of the server, and nothing else.</summary>
internal static class FaultServices
{
    public static void Add(IServiceCollection services, FaultOptions options)
    {
        var dice = new FaultDice(options);
        if (options.Rates.Any(rate => rate.Key != Hop.FrontEndToConnection && rate.Value.Any))
        {
            services.AddSingleton<IOutgoingGrainCallFilter>(new GrainCallFaults(dice));
        }

        if (options.Rates[Hop.FrontEndToConnection].Any)
        {
            services.AddSingleton<IFeedListenerDecorator>(new FrameFaults(dice));
        }

        switch (options.Break)
        {
            case Breakage.Healing:
                services.AddSingleton<IOutgoingGrainCallFilter, DeafReplay>();
                break;
            case Breakage.Epoch when services.LastOrDefault(s => s.ServiceType == typeof(IEventLog)) is { } log:
                services.AddSingleton<IEventLog>(new OneEpochLog((IEventLog)log.ImplementationInstance!));
                break;
            case Breakage.Acknowledge:
                services.AddSingleton<IIncomingGrainCallFilter>(new EmptyAcknowledgement());
                break;
            case Breakage.Duplicates or Breakage.Loss or Breakage.Leak:
                services.AddSingleton<IStartupFilter>(
                    new SocketBreakage(new FrameTampering(options.Break, options.Seed)));
                break;
        }
    }
}
