using System.CommandLine;
using OrdersActors.Benchmarks;

// Each command starts a real server of its own as a separate process, measures it from outside, and prints what it saw.
var root = new RootCommand("Measures the real server. Run with -c Release.");

var rate = new Option<int>("--rate") { Description = "Events a second.", DefaultValueFactory = _ => 100 };
var seconds = new Option<int>("--seconds") { Description = "How long.", DefaultValueFactory = _ => 20 };
var latency = new Command("latency", "From a publisher's call to the subscriber's frame.") { rate, seconds };
latency.SetAction(call => LatencyBenchmark.RunAsync(call.GetValue(rate), call.GetValue(seconds)));
root.Add(latency);

var connections = new Option<int>("--connections") { Description = "How many.", DefaultValueFactory = _ => 5000 };
var postgres = new Option<bool>("--postgres") { Description = "On PostgreSQL instead of SQLite." };
var idle = new Command("idle", "What idle connections cost, each with a subscription to an order of its own.") { connections, postgres };
idle.SetAction(call => IdleBenchmark.RunAsync(call.GetValue(connections), call.GetValue(postgres)));
root.Add(idle);

var events = new Option<int>("--events") { DefaultValueFactory = _ => 100_000 };
var orders = new Option<int>("--orders") { DefaultValueFactory = _ => 10_000 };
var organizations = new Option<int>("--organizations") { DefaultValueFactory = _ => 20 };
var flood = new Command("flood", "publish --file into a running server, with a subscriber for each organization.") { events, orders, organizations };
flood.SetAction(call => FloodBenchmark.RunAsync(call.GetValue(events), call.GetValue(orders), call.GetValue(organizations)));
root.Add(flood);

var servers = new Option<int[]>("--servers")
{
    Description = "How many, for each run.", DefaultValueFactory = _ => [1, 2, 3], AllowMultipleArgumentsPerToken = true,
};
var watched = new Option<int>("--watched") { Description = "How many orders have a subscriber of their own.", DefaultValueFactory = _ => 0 };
var callers = new Option<int>("--callers") { Description = "Publish one event a call, by so many callers at once; 0 for publish --file.", DefaultValueFactory = _ => 0 };
var cluster = new Command("cluster", "The same into clusters of one server, two and three, on a PostgreSQL.")
{
    events, orders, organizations, watched, callers, servers,
};
cluster.SetAction(call => new ClusterBenchmark(
    call.GetValue(events), call.GetValue(orders), call.GetValue(organizations), call.GetValue(watched), call.GetValue(callers))
    .RunAsync(call.GetValue(servers)!));
root.Add(cluster);

var kills = new Option<int>("--kills") { Description = "How many.", DefaultValueFactory = _ => 20 };
var freeze = new Option<bool>("--freeze") { Description = "Freeze them for 15 seconds (SIGSTOP) instead." };
var kill = new Command("kills", "Three servers, one after the other killed: for how long clients on the others have no event.") { kills, freeze };
kill.SetAction(call => KillBenchmark.RunAsync(call.GetValue(kills), call.GetValue(freeze)));
root.Add(kill);

var clients = new Option<int>("--clients") { Description = "How many resume.", DefaultValueFactory = _ => 1000 };
var behind = new Option<int>("--behind") { Description = "By how many events each is behind.", DefaultValueFactory = _ => 1000 };
var resumed = new Option<int>("--orders") { Description = "Over how many orders they are spread.", DefaultValueFactory = _ => 1000 };
var resume = new Command("resume", "Many clients come back at once, and an untouched one's latency meanwhile.") { clients, behind, resumed };
resume.SetAction(call => ResumeBenchmark.RunAsync(call.GetValue(clients), call.GetValue(behind), call.GetValue(resumed)));
root.Add(resume);

var attacked = new Option<string[]>("--attacks")
{
    Description = "Which ones, by name; all by default.", DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = true,
};
var each = new Option<int>("--seconds") { Description = "How long each attack lasts.", DefaultValueFactory = _ => 20 };
var hostile = new Command("hostile", "Each attack by itself: the server's memory and CPU, and a well-behaved client's latency.") { each, attacked };
hostile.SetAction(call => HostileBenchmark.RunAsync(TimeSpan.FromSeconds(call.GetValue(each)), call.GetValue(attacked)!));
root.Add(hostile);

var address = new Argument<string>("address");
var (name, length) = (new Argument<string>("name"), new Argument<int>("seconds"));
var attack = new Command("attack", "The attackers of hostile, which starts this itself.") { address, name, length };
attack.Hidden = true;
attack.SetAction(call => HostileBenchmark.AttackAsync(
    new Uri(call.GetValue(address)!), call.GetValue(name)!, TimeSpan.FromSeconds(call.GetValue(length))));
root.Add(attack);

var (count, backlog, spread) = (new Argument<int>("clients"), new Argument<int>("behind"), new Argument<int>("orders"));
var crowd = new Command("crowd", "The clients of resume, which starts this itself.") { address, count, backlog, spread };
crowd.Hidden = true;
crowd.SetAction(call => ResumingCrowd.RunAsync(new Uri(call.GetValue(address)!), call.GetValue(count), call.GetValue(backlog), call.GetValue(spread)));
root.Add(crowd);

return await root.Parse(args).InvokeAsync();
