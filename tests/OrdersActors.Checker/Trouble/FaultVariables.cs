using System.Globalization;
using OrdersActors.Faults;

namespace OrdersActors.Checker.Trouble;

/// <summary>The environment variables of a server with faults.</summary>
internal static class FaultVariables
{
    public static Dictionary<string, string> For(CheckOptions options)
    {
        var variables =
            new Dictionary<string, string> { ["Faults__Seed"] = options.Seed.ToString(CultureInfo.InvariantCulture) };
        if (options.Break is { } breakage)
        {
            variables["Faults__Break"] = breakage;
        }

        if (options.Faults == 0)
        {
            return variables;
        }

        var share = options.Faults.ToString(CultureInfo.InvariantCulture);
        foreach (var hop in FaultStartup.Hops.Where(hop =>
            options.Hops.Count == 0 || options.Hops.Contains(hop, StringComparer.OrdinalIgnoreCase)))
        {
            foreach (var fault in FaultStartup.Faults)
            {
                variables[$"Faults__{hop}__{fault}"] = share;
            }
        }

        // A loss that is followed by no other event is found only when the lease is renewed: after four seconds with
        // this lease, instead of a minute.
        variables["OrdersActors__Grains__ObserverLease"] = "00:00:10";
        return variables;
    }
}
