using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using OrdersActors.Checker.Proxy;
using OrdersActors.Checker.Reporting;
using OrdersActors.Checker.Trouble;
using OrdersActors.Faults;

namespace OrdersActors.Checker;

/// <summary>The command line. The exit code is 0 for GREEN, 1 for RED, and 2 if a part of the run is missing.</summary>
internal static class CheckCommand
{
    private static readonly CheckOptions Default = new();

    public static RootCommand Create()
    {
        var root = new RootCommand(
            "Runs publishers and clients against a real server while faults occur, and decides whether every "
            + "acknowledged event reached every client of its scope exactly once and in order.");
        var minutes = Add<double?>(root, "--minutes", "How long to publish, in minutes.");
        var seconds = Add(root, "--seconds", "How long to publish, in seconds.", Default.Duration.TotalSeconds);
        var servers = Add(root, "--servers",
            "Server processes; each is a silo and a front end. Several servers share a PostgreSQL.", Default.Servers);
        var frontEnds = Add(
            root, "--front-ends", "Additional server processes that are front ends only.", Default.FrontEnds);
        var haProxy = Add(root, "--haproxy",
            "A HAProxy stands between the clients and three servers; needs --servers 3.", false);
        var clients = Add(root, "--clients", "WebSocket clients; the kinds are assigned in turn.", Default.Clients);
        var client = Add(root, "--client",
            "The clients: raw (they know only the protocol), dotnet or typescript (the client libraries, through a "
            + $"proxy), or all (a third of each): {string.Join(", ", ClientChoices.Names)}.", "raw");
        var typeScript = Add<string?>(root, "--typescript-folder",
            "The folder of the TypeScript client, installed and built; default: src/client-typescript of the "
            + "repository.");
        var organizations = Add(root, "--organizations", "Organizations; at least two.", Default.Organizations);
        var orders = Add(
            root, "--orders", "Orders of all organizations together; at least ten per organization.", Default.Orders);
        var publishers = Add(root, "--publishers", "Services that publish.", Default.Publishers);
        var rate = Add(root, "--rate", "Events per second, of all services together.", Default.Rate);
        var kill = Add(root, "--kill-every",
            "Interval between two faults in seconds, or a range such as 5-15; 0 for never. A fault kills or stops a "
            + "server, which is then started again; the next options add more kinds of faults.", "0");
        var troubles = Add<string[]>(root, "--trouble",
            $"Only this kind of fault; repeatable: {string.Join(", ", TroubleKinds.Names)}.");
        var maxTroubles = Add(root, "--max-troubles",
            "Faults after which no more are made; the run ends with the last one. 0 for no limit.", 0);
        var stop = Add(
            root, "--stop-for", "Sometimes freeze a server (SIGSTOP) for this many seconds; 0 for never.", 0.0);
        var network = Add(root, "--cut-network",
            "Sometimes cut the network between one server and the others for this many seconds; "
            + "needs several servers and root; 0 for never.", Default.CutNetwork);
        var lose = Add(root, "--lose-commits",
            "Sometimes lose the commits of this many seconds by restoring an older copy of the database; 0 for never.",
            0.0);
        var cut = Add(root, "--cut",
            "Mean time in seconds until a client cuts its connection, with or without a close frame; 0 for never.",
            0.0);
        var stall = Add(root, "--stall",
            "Share of connections, 0 to 1, whose client stops reading for a while; adds bursts of large events.", 0.0);
        var proxyEvery = Add(root, "--proxy-every",
            "Interval between two faults of the proxy of the libraries' clients in seconds, or a range such as 3-8; "
            + "0 for never.", "0");
        var proxyFaults = Add<string[]>(root, "--proxy",
            $"Only this kind of fault of the proxy; repeatable: {string.Join(", ", ProxyFaults.Names)}.");
        var halfOpen = Add(root, "--half-open-for",
            "How many seconds the proxy keeps a connection half open.", Default.HalfOpenFor);
        var faults = Add(root, "--faults",
            "Share of deliveries on each hop in the server, 0 to 0.3, that is lost; "
            + "equal shares are repeated and swapped.", 0.0);
        var hops = Add<string[]>(root, "--hop",
            $"Faults on this hop only; repeatable: {string.Join(", ", FaultStartup.Hops)}.");
        var tls = Add(root, "--tls",
            "Servers and publishers use mutual TLS with certificates that are made for the run.", false);
        var previous = Add<string?>(root, "--previous-server",
            "The OrdersActors.Server.dll of another release. A cluster starts with it; the faults then include the "
            + "upgrade of all servers to this version, one after the other, and the way back.");
        var breakage = Add<string?>(root, "--break",
            "Break the server on purpose, to test that the checker reports RED: "
            + $"{string.Join(", ", FaultStartup.Breakages)}.");
        var timeout = Add(root, "--quiet-timeout",
            "Seconds without any received event after which the checker stops waiting for clients that are behind.",
            Default.QuietTimeout.TotalSeconds);
        var log = Add<string?>(root, "--server-log", "File that receives the server's output.");
        var seed = Add<int?>(root, "--seed", "Seed of the random choices; default: a new seed, which is printed.");
        kill.Validators.Add(Check(text => TryRange(text, out _), "a number of seconds or a range such as 5-15"));
        proxyEvery.Validators.Add(Check(text => TryRange(text, out _), "a number of seconds or a range such as 3-8"));
        proxyFaults.Validators.Add(Check(Among(ProxyFaults.Names), "one of the kinds"));
        client.Validators.Add(Check(Among(ClientChoices.Names), "one of the clients"));
        troubles.Validators.Add(Check(Among(TroubleKinds.Names), "one of the kinds"));
        hops.Validators.Add(Check(Among(FaultStartup.Hops), "one of the hops"));
        breakage.Validators.Add(Check(Among(FaultStartup.Breakages), "one of the breakages"));

        root.SetAction(async (call, cancellationToken) =>
        {
            TryRange(call.GetValue(kill)!, out var killEvery);
            TryRange(call.GetValue(proxyEvery)!, out var everyProxyFault);
            var options = new CheckOptions
            {
                Duration = call.GetValue(minutes) is { } m
                    ? TimeSpan.FromMinutes(m)
                    : TimeSpan.FromSeconds(call.GetValue(seconds)),
                Servers = Math.Max(1, call.GetValue(servers)),
                FrontEnds = Math.Max(0, call.GetValue(frontEnds)),
                HaProxy = call.GetValue(haProxy),
                Clients = call.GetValue(clients),
                Client = Enum.Parse<ClientChoice>(call.GetValue(client)!, ignoreCase: true),
                TypeScriptFolder = call.GetValue(typeScript),
                Organizations = Math.Max(2, call.GetValue(organizations)),
                Orders = Math.Max(call.GetValue(orders), 10 * Math.Max(2, call.GetValue(organizations))),
                Publishers = Math.Max(1, call.GetValue(publishers)),
                Rate = Math.Max(1, call.GetValue(rate)),
                KillEvery = killEvery,
                Troubles = [.. (call.GetValue(troubles) ?? []).Select(TroubleKinds.Parse)],
                MaxTroubles = Math.Max(0, call.GetValue(maxTroubles)),
                StopFor = call.GetValue(stop),
                CutNetwork = call.GetValue(network),
                LoseCommits = call.GetValue(lose),
                CutEvery = call.GetValue(cut),
                Stall = call.GetValue(stall),
                ProxyEvery = everyProxyFault,
                ProxyFaults = [.. (call.GetValue(proxyFaults) ?? []).Select(ProxyFaults.Parse)],
                HalfOpenFor = call.GetValue(halfOpen),
                Faults = call.GetValue(faults),
                Hops = call.GetValue(hops) ?? [],
                Tls = call.GetValue(tls),
                PreviousServer = call.GetValue(previous),
                Break = call.GetValue(breakage),
                QuietTimeout = TimeSpan.FromSeconds(call.GetValue(timeout)),
                ServerLog = call.GetValue(log),
                Seed = call.GetValue(seed) ?? Default.Seed,
            };
            Console.WriteLine($"seed {options.Seed}");
            try
            {
                var result = await Checker.Check.RunAsync(options, Console.Out, cancellationToken);
                Summary.Write(result, Console.Out);
                return result.IsGreen ? 0 : 1;
            }
            catch (FileNotFoundException e)
            {
                await Console.Error.WriteLineAsync(e.Message);
                return 2;
            }
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

    private static Action<OptionResult> Check(Predicate<string> isRight, string expected) => result =>
    {
        foreach (var token in result.Tokens.Where(token => !isRight(token.Value)))
        {
            result.AddError($"{result.Option.Name} must be {expected}, but is '{token.Value}'.");
        }
    };

    private static Predicate<string> Among(IReadOnlyList<string> names) =>
        text => names.Contains(text, StringComparer.OrdinalIgnoreCase);

    private static bool TryRange(string text, out (double Least, double Most) range)
    {
        var ends = text.Split('-');
        var isRight = double.TryParse(ends[0], NumberStyles.Float, CultureInfo.InvariantCulture, out var least);
        isRight &= double.TryParse(ends[^1], NumberStyles.Float, CultureInfo.InvariantCulture, out var most);
        range = (least, most);
        return isRight && ends.Length <= 2 && least <= most;
    }
}
