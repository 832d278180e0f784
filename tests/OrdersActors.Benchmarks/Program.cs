using System.CommandLine;
using OrdersActors.Benchmarks;
using OrdersActors.Benchmarks.Micro;
using OrdersActors.Benchmarks.Peers;
using OrdersActors.Benchmarks.Scaling;
using OrdersActors.Benchmarks.Soak;
using OrdersActors.TestServer.Hostile;

// Each command starts a real server as a separate process, measures it from outside, and prints the results.
var root = new RootCommand("Measures the real server. Run with -c Release.");

var rate = new Option<int>("--rate") { Description = "Events per second.", DefaultValueFactory = _ => 100 };
var seconds = new Option<int>("--seconds")
{
    Description = "Duration of the measurement in seconds.",
    DefaultValueFactory = _ => 20,
};
var latency = new Command("latency", "Measures the time from a publisher's call to the subscriber's frame.")
{
    rate, seconds,
};
latency.SetAction(call => LatencyBenchmark.RunAsync(call.GetValue(rate), call.GetValue(seconds)));
root.Add(latency);

var connections = new Option<int>("--connections")
{
    Description = "Number of connections.",
    DefaultValueFactory = _ => 5000,
};
var postgres = new Option<bool>("--postgres") { Description = "Use PostgreSQL instead of SQLite." };
var idle = new Command("idle", "Measures the cost of idle connections, each subscribed to its own order.")
{
    connections, postgres,
};
idle.SetAction(call => IdleBenchmark.RunAsync(call.GetValue(connections), call.GetValue(postgres)));
root.Add(idle);

var events = new Option<int>("--events") { Description = "Number of events.", DefaultValueFactory = _ => 100_000 };
var orders = new Option<int>("--orders") { Description = "Number of orders.", DefaultValueFactory = _ => 10_000 };
var organizations = new Option<int>("--organizations")
{
    Description = "Number of organizations.",
    DefaultValueFactory = _ => 20,
};
var flood = new Command("flood", "Runs publish --file into a running server, with one subscriber per organization.")
{
    events, orders, organizations,
};
flood.SetAction(
    call => FloodBenchmark.RunAsync(call.GetValue(events), call.GetValue(orders), call.GetValue(organizations)));
root.Add(flood);

var servers = new Option<int[]>("--servers")
{
    Description = "Number of servers, one value per run.",
    DefaultValueFactory = _ => [1, 2, 3],
    AllowMultipleArgumentsPerToken = true,
};
var watched = new Option<int>("--watched")
{
    Description = "Number of orders that have their own subscriber.",
    DefaultValueFactory = _ => 0,
};
var callers = new Option<int>("--callers")
{
    Description = "Number of concurrent callers that publish one event per call; 0 runs publish --file instead.",
    DefaultValueFactory = _ => 0,
};
var fsync = new Option<bool>("--fsync") { Description = "PostgreSQL flushes the disk before each commit." };
var cluster = new Command("cluster", "Runs the flood against clusters of one, two and three servers on PostgreSQL.")
{
    events, orders, organizations, watched, callers, servers, fsync,
};
cluster.SetAction(call => new ClusterBenchmark(
    call.GetValue(events), call.GetValue(orders), call.GetValue(organizations), call.GetValue(watched),
    call.GetValue(callers), call.GetValue(fsync))
    .RunAsync(call.GetValue(servers)!));
root.Add(cluster);

var kills = new Option<int>("--kills") { Description = "Number of kills.", DefaultValueFactory = _ => 20 };
var freeze = new Option<bool>("--freeze")
{
    Description = "Freeze servers for 15 seconds (SIGSTOP) instead of killing them.",
};
var kill = new Command(
    "kills", "Kills three servers one after the other, and measures how long clients on the others receive no event.")
{
    kills, freeze,
};
kill.SetAction(call => KillBenchmark.RunAsync(call.GetValue(kills), call.GetValue(freeze)));
root.Add(kill);

var clients = new Option<int>("--clients")
{
    Description = "Number of clients that resume.",
    DefaultValueFactory = _ => 1000,
};
var behind = new Option<int>("--behind")
{
    Description = "Number of events each client is behind.",
    DefaultValueFactory = _ => 1000,
};
var resumed = new Option<int>("--orders")
{
    Description = "Number of orders that the clients are spread over.",
    DefaultValueFactory = _ => 1000,
};
var resume = new Command(
    "resume", "Many clients resume at once; also measures the latency of a client that stays connected.")
{
    clients, behind, resumed,
};
resume.SetAction(
    call => ResumeBenchmark.RunAsync(call.GetValue(clients), call.GetValue(behind), call.GetValue(resumed)));
root.Add(resume);

var publishers = new Option<int>("--callers")
{
    Description = "Number of concurrent callers; each has an HTTP connection.",
    DefaultValueFactory = _ => 64,
};
var cached = new Option<double>("--authentication-cache")
{
    Description = "How long the server uses a successful authentication, in seconds.",
    DefaultValueFactory = _ => 2,
};
var http = new Command("http", "Measures publishing over HTTP beside the Orleans client.")
{
    publishers, seconds, cached,
};
http.SetAction(call => new HttpBenchmark(
    call.GetValue(publishers), call.GetValue(seconds), TimeSpan.FromSeconds(call.GetValue(cached))).RunAsync());
root.Add(http);

var appended = new Option<int>("--events") { Description = "Number of events.", DefaultValueFactory = _ => 20_000 };
var ordered = new Option<int>("--orders") { Description = "Number of orders.", DefaultValueFactory = _ => 5000 };
var appending = new Option<int[]>("--callers")
{
    Description = "Number of concurrent callers, about the events per transaction; one value per run.",
    DefaultValueFactory = _ => [1, 8, 100],
    AllowMultipleArgumentsPerToken = true,
};
var ascending = new Option<bool>("--ascending-ids") { Description = "Ids as the publisher makes them, not random." };
var log = new Command("log", "Measures the event log in SQLite, without a server.")
{
    appended, ordered, organizations, appending, ascending,
};
log.SetAction(call => new LogBenchmark(
    call.GetValue(appended), call.GetValue(ordered), call.GetValue(organizations), call.GetValue(ascending))
    .RunAsync(call.GetValue(appending)!));
root.Add(log);

var attacked = new Option<string[]>("--attacks")
{
    Description = "Names of the attacks to run; default: all.",
    DefaultValueFactory = _ => [],
    AllowMultipleArgumentsPerToken = true,
};
attacked.AcceptOnlyFromAmong([.. Attacks.All.Select(one => one.Name)]);
var each = new Option<int>("--seconds")
{
    Description = "Duration of each attack in seconds.",
    DefaultValueFactory = _ => 20,
};
var hostile = new Command(
    "hostile",
    "Runs each attack alone; measures the server's memory and CPU, and the latency of a well-behaved client.")
{
    each, attacked,
};
hostile.SetAction(
    call => HostileBenchmark.RunAsync(TimeSpan.FromSeconds(call.GetValue(each)), call.GetValue(attacked)!));
root.Add(hostile);

var address = new Argument<string>("address");
var (name, length) = (new Argument<string>("name"), new Argument<int>("seconds"));
var attack = new Command("attack", "Internal: the attacking process, started by hostile.") { address, name, length };
attack.Hidden = true;
attack.SetAction(call => HostileBenchmark.AttackAsync(
    new Uri(call.GetValue(address)!), call.GetValue(name)!, TimeSpan.FromSeconds(call.GetValue(length))));
root.Add(attack);

var together = new Option<int>("--connections")
{
    Description = "All connections, the hostile ones included.",
    DefaultValueFactory = _ => 10_000,
};
var hostiles = new Option<int>("--hostile")
{
    Description = "Hostile connections.",
    DefaultValueFactory = _ => 2_000,
};
var heap = new Option<int>("--heap")
{
    Description = "The limit of the server's heap in MB.",
    DefaultValueFactory = _ => 600,
};
var rounds = new Option<int>("--repeat")
{
    Description = "How often everything is measured.",
    DefaultValueFactory = _ => 3,
};
var hostileCrowd = new Command(
    "hostile-crowd",
    "Runs all attacks at once beside a crowd; compares the crowd's latency and the server's memory with and without.")
{
    together, hostiles, attacked, heap, rate, seconds, rounds,
};
hostileCrowd.SetAction(call => new HostileCrowdBenchmark(
    call.GetValue(together), call.GetValue(hostiles), call.GetValue(attacked)!, call.GetValue(rate),
    call.GetValue(seconds), call.GetValue(heap), call.GetValue(rounds)).RunAsync());
root.Add(hostileCrowd);

var (target, attackers, duration) =
    (new Argument<string>("address"), new Argument<int>("connections"), new Argument<int>("seconds"));
var attacks = new Command("attacks", "Internal: the attacking process, started by hostile-crowd.")
{
    target, attackers, duration, attacked,
};
attacks.Hidden = true;
attacks.SetAction(call => HostileCrowdBenchmark.AttackAsync(
    new Uri(call.GetValue(target)!), call.GetValue(attackers), TimeSpan.FromSeconds(call.GetValue(duration)),
    call.GetValue(attacked)!));
root.Add(attacks);

var (count, backlog, spread) = (new Argument<int>("clients"), new Argument<int>("behind"), new Argument<int>("orders"));
var crowd = new Command("crowd", "Internal: the resuming clients, started by resume.")
{
    address, count, backlog, spread,
};
crowd.Hidden = true;
crowd.SetAction(call => ResumingCrowd.RunAsync(
    new Uri(call.GetValue(address)!), call.GetValue(count), call.GetValue(backlog), call.GetValue(spread)));
root.Add(crowd);

PeersCommand.AddTo(root);
MicroCommand.AddTo(root);
SoakCommand.AddTo(root);
ScaleCommand.AddTo(root);

return await root.Parse(args).InvokeAsync();
