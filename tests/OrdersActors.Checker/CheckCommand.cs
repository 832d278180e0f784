using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using OrdersActors.Checker.Reporting;
using OrdersActors.Faults;

namespace OrdersActors.Checker;

/// <summary>The command line. Exit code 0 for green and 1 for red.</summary>
internal static class CheckCommand
{
    private static readonly CheckOptions Default = new();

    public static RootCommand Create()
    {
        var root = new RootCommand(
            "Runs publishers and clients against a real server in trouble, and decides whether every acknowledged event reached every client of its scope exactly once and in order.");
        var minutes = Add<double?>(root, "--minutes", "How long to publish, in minutes.");
        var seconds = Add<double?>(root, "--seconds", $"How long to publish, in seconds; default {Default.Duration.TotalSeconds}.");
        var clients = Add(root, "--clients", "WebSocket clients, of all kinds in turn.", Default.Clients);
        var organizations = Add(root, "--organizations", "Organizations, at least two.", Default.Organizations);
        var orders = Add(root, "--orders", "Orders of all organizations together.", Default.Orders);
        var publishers = Add(root, "--publishers", "Services that publish.", Default.Publishers);
        var rate = Add(root, "--rate", "Events a second, of all services together.", Default.Rate);
        var kill = Add<string?>(root, "--kill-every", "Trouble for the server every so many seconds, at random in a range such as 5-15: it is killed, every fourth time asked to leave, and started again; 0 for never.");
        var stop = Add(root, "--stop-for", "Every fourth time, only stop the server (SIGSTOP) for so many seconds; 0 for killing it then as well.", 0.0);
        var cut = Add(root, "--cut", "The mean time in seconds after which a client cuts its connection, with and without a close frame; 0 for never.", 0.0);
        var stall = Add(root, "--stall", "The share of connections, 0 to 1, whose client stops reading for a while; with bursts of large events.", 0.0);
        var faults = Add(root, "--faults", "The share of deliveries on each hop in the server, 0 to 0.3, that is lost; as many are repeated, and as many swapped.", 0.0);
        var hops = Add<string[]>(root, "--hop", $"Faults on this hop only; may be given several times: {string.Join(", ", FaultStartup.Hops)}.");
        var breakage = Add<string?>(root, "--break", $"Break the server on purpose, to see red: {string.Join(", ", FaultStartup.Breakages)}.");
        var patience = Add(root, "--patience", "For how many seconds nobody may receive anything before those who are behind are given up.", Default.Patience.TotalSeconds);
        var seed = Add<int?>(root, "--seed", "Where chance begins; default: a new one, which is printed.");
        hops.AcceptOnlyFromAmong([.. FaultStartup.Hops]);
        breakage.Validators.Add(OneOf(FaultStartup.Breakages));

        root.SetAction(async call =>
        {
            var options = new CheckOptions
            {
                Duration = call.GetValue(minutes) is { } m ? TimeSpan.FromMinutes(m)
                    : call.GetValue(seconds) is { } s ? TimeSpan.FromSeconds(s) : Default.Duration,
                Clients = call.GetValue(clients),
                Organizations = Math.Max(2, call.GetValue(organizations)),
                Orders = Math.Max(call.GetValue(orders), 10 * call.GetValue(organizations)),
                Publishers = Math.Max(1, call.GetValue(publishers)),
                Rate = Math.Max(1, call.GetValue(rate)),
                KillEvery = Range(call.GetValue(kill)),
                StopFor = call.GetValue(stop),
                CutEvery = call.GetValue(cut),
                Stall = call.GetValue(stall),
                Faults = call.GetValue(faults),
                Hops = call.GetValue(hops) ?? [],
                Break = call.GetValue(breakage),
                Patience = TimeSpan.FromSeconds(call.GetValue(patience)),
                Seed = call.GetValue(seed) ?? Default.Seed,
            };
            Console.WriteLine($"seed {options.Seed}");
            var result = await Check.RunAsync(options, Console.Out);
            Summary.Write(result, Console.Out);
            return result.IsGreen ? 0 : 1;
        });
        return root;
    }

    private static Option<T> Add<T>(RootCommand root, string name, string description)
    {
        var option = new Option<T>(name) { Description = description };
        root.Add(option);
        return option;
    }

    private static Option<T> Add<T>(RootCommand root, string name, string description, T otherwise)
    {
        var option = Add<T>(root, name, description);
        option.DefaultValueFactory = _ => otherwise;
        return option;
    }

    private static Action<OptionResult> OneOf(IReadOnlyList<string> names) => result =>
    {
        if (result.Tokens is [{ Value: var value }] && !names.Contains(value, StringComparer.OrdinalIgnoreCase))
        {
            result.AddError($"'{value}' is none of {string.Join(", ", names)}.");
        }
    };

    private static (double Least, double Most) Range(string? text)
    {
        double[] ends = [.. (text ?? "0").Split('-').Select(end => double.Parse(end, CultureInfo.InvariantCulture))];
        return (ends[0], ends[^1]);
    }
}
