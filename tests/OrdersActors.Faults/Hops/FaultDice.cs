using OrdersActors.Faults.Totals;

namespace OrdersActors.Faults.Hops;

/// <summary>Decides at random, from a seed, about the fault of each delivery, and counts the faults.</summary>
internal sealed class FaultDice(FaultOptions options)
{
    private readonly Random _random = new(options.Seed);
    private int _injected;

    /// <summary>The number of deliveries with a fault.</summary>
    public int Injected => _injected;

    /// <summary>Decides about one delivery.</summary>
    public Fault Roll(Hop hop)
    {
        var rates = options.Rates[hop];
        if (!rates.Any)
        {
            return Fault.None;
        }

        double roll;
        lock (_random)
        {
            roll = _random.NextDouble();
        }

        var fault = roll < rates.Drop ? Fault.Drop
            : roll < rates.Drop + rates.Duplicate ? Fault.Duplicate
            : roll < rates.Drop + rates.Duplicate + rates.Reorder ? Fault.Reorder
            : Fault.None;
        if (fault is not Fault.None)
        {
            Interlocked.Increment(ref _injected);
            ServerTotals.Add($"faults.injected{{hop={hop},fault={fault}}}", 1);
        }

        return fault;
    }
}
