using System.CommandLine;
using OrdersActors.Benchmarks.Peers.Load;
using OrdersActors.Benchmarks.Peers.Servers;

namespace OrdersActors.Benchmarks.Peers;

/// <summary>The command <c>peers</c>, and the hidden commands of its child processes.</summary>
internal static class PeersCommand
{
    private static readonly string[] Workloads = ["W1", "W2", "W3", "connects", "slow"];
    private static readonly string[] Names =
    [
        PeerNames.Orders, PeerNames.OrdersCompressed, PeerNames.SignalR, PeerNames.SendAsync, PeerNames.KestrelDirect,
        PeerNames.Bun, PeerNames.Nats,
    ];

    public static void AddTo(RootCommand root)
    {
        root.Add(Peers());
        root.Add(Server());
        root.Add(Publisher());
        root.Add(Load());
    }

    private static Command Peers()
    {
        var work = List("--work", $"Workloads: {string.Join(", ", Workloads)}.", ["W1", "W2"]);
        var peers = List(
            "--peers",
            $"Servers: {string.Join(", ", Names)}; orders@PATH is another build of OrdersActors.Server.dll.",
            [PeerNames.Orders, PeerNames.SignalR, PeerNames.SendAsync]);
        var set = List("--set", "Settings of OrdersActors: environment variables, NAME=VALUE.", []);
        var seconds = Number("--seconds", "Duration of each phase in seconds.", 10);
        var calls = new Option<bool>("--syscalls") { Description = "Also count system calls with perf (needs root)." };
        var repeat = Number("--repeat", "Number of repetitions; the tables show medians.", 3);
        work.Validators.Add(result => Check(result.GetValueOrDefault<string[]>(), Workloads, result.AddError));
        peers.Validators.Add(result => Check(
            [.. result.GetValueOrDefault<string[]>().Select(peer => peer.Split('@')[0])], Names, result.AddError));
        set.Validators.Add(result =>
        {
            foreach (var wrong in result.GetValueOrDefault<string[]>().Where(pair => pair.IndexOf('=') <= 0))
            {
                result.AddError($"'{wrong}' is not NAME=VALUE.");
            }
        });
        var command = new Command("peers", "Compares OrdersActors with other WebSocket servers.")
        {
            work, peers, seconds, repeat, set, calls,
        };
        command.SetAction(call => new PeersBenchmark(
            call.GetValue(work)!, call.GetValue(peers)!, call.GetValue(seconds), call.GetValue(repeat),
            call.GetValue(set)!, call.GetValue(calls)).RunAsync());
        return command;
    }

    private static Command Server()
    {
        var (name, port, triggers) =
            (new Argument<string>("name"), new Argument<int>("port"), new Argument<int>("triggers"));
        var command = new Command("peer-server", "Internal: a server, started by peers.") { name, port, triggers };
        command.Hidden = true;
        command.SetAction(call => call.GetValue(name) switch
        {
            PeerNames.SignalR => SignalRPeer.RunAsync(call.GetValue(port), call.GetValue(triggers)),
            PeerNames.SendAsync => SendAsyncPeer.RunAsync(call.GetValue(port), call.GetValue(triggers)),
            PeerNames.KestrelDirect => KestrelDirectPeer.RunAsync(call.GetValue(port), call.GetValue(triggers)),
            var other => throw new ArgumentException($"There is no server '{other}'."),
        });
        return command;
    }

    private static Command Publisher()
    {
        var (gateway, triggers) = (new Argument<int>("gateway"), new Argument<int>("triggers"));
        var command = new Command("peer-publisher", "Internal: the publisher, started by peers.") { gateway, triggers };
        command.Hidden = true;
        command.SetAction(call => PublisherProcess.RunAsync(call.GetValue(gateway), call.GetValue(triggers)));
        return command;
    }

    private static Command Load()
    {
        var (work, target, seconds) =
            (new Argument<string>("work"), new Argument<string>("target"), new Argument<int>("seconds"));
        var command = new Command("peer-load", "Internal: the clients, started by peers.") { work, target, seconds };
        command.Hidden = true;
        command.SetAction(call => LoadProcess.Run(
            call.GetValue(work)!, LoadTarget.Parse(call.GetValue(target)!), call.GetValue(seconds)));
        return command;
    }

    private static void Check(string[] given, string[] known, Action<string> refuse)
    {
        foreach (var wrong in given.Except(known))
        {
            refuse($"'{wrong}' is none of {string.Join(", ", known)}.");
        }
    }

    private static Option<string[]> List(string name, string description, string[] defaults) => new(name)
    {
        Description = $"{description} Default: {(defaults.Length == 0 ? "none" : string.Join(' ', defaults))}.",
        DefaultValueFactory = _ => defaults,
        AllowMultipleArgumentsPerToken = true,
    };

    private static Option<int> Number(string name, string description, int value) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => value,
    };
}
