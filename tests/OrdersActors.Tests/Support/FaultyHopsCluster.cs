using Microsoft.Extensions.DependencyInjection;
using OrdersActors.Faults;
using OrdersActors.Faults.Breakages;
using OrdersActors.Faults.Hops;

namespace OrdersActors.Tests.Support;

/// <summary>
/// A cluster in which a test can inject faults on one hop between grains, or from grains to front ends.
/// </summary>
public sealed class FaultyHopsCluster : OrderCluster, IOutgoingGrainCallFilter
{
    private GrainCallFaults? _faults;

    public Task Invoke(IOutgoingGrainCallContext context) => _faults?.Invoke(context) ?? context.Invoke();

    /// <summary>
    /// Injects a fault into a third of the hop's deliveries from now on. The result counts the faults.
    /// </summary>
    internal FaultDice Break(Hop hop, HopFault fault)
    {
        const double Share = 0.3;
        var rates = Enum.GetValues<Hop>().ToDictionary(h => h, h => h != hop ? default : fault switch
        {
            HopFault.Drop => new FaultRates(Share, 0, 0),
            HopFault.Duplicate => new FaultRates(0, Share, 0),
            _ => new FaultRates(0, 0, Share),
        });
        var dice = new FaultDice(new FaultOptions(1, rates, Breakage.None));
        _faults = new GrainCallFaults(dice);
        return dice;
    }

    protected override void Configure(ISiloBuilder silo) => silo.Services.AddSingleton<IOutgoingGrainCallFilter>(this);
}
