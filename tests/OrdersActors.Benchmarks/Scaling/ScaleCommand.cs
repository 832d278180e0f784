using System.CommandLine;

namespace OrdersActors.Benchmarks.Scaling;

/// <summary>The command <c>scale</c>.</summary>
internal static class ScaleCommand
{
    public static void AddTo(RootCommand root)
    {
        var servers = new Option<int[]>("--servers")
        {
            Description = "Number of servers, one value per run.",
            DefaultValueFactory = _ => [1, 2, 4],
            AllowMultipleArgumentsPerToken = true,
        };
        var cpu = PositiveNumber.Option("--cpu", "The quota of each server, in percent of a core.", 25);
        var connections = PositiveNumber.Option(
            "--connections", "Connections per server, each subscribed to its own order.", 1000);
        var organizations = PositiveNumber.Option(
            "--organizations", "Organizations per server, each with a subscriber and a publisher.", 64);
        var batch = PositiveNumber.Option("--batch", "Events that each publisher has in flight, in one call.", 10);
        var warmUp = PositiveNumber.Option(
            "--warm-up", "Seconds in which the servers compile the hot path, before the quota counts.", 180);
        var seconds = PositiveNumber.Option("--seconds", "Duration of the measurement in seconds.", 20);
        var command = new Command(
            "scale",
            "Measures what clusters deliver if each server has a CPU control group of its own. PostgreSQL, publishers "
            + "and subscribers are outside of them. Needs Linux and root.")
        {
            servers, cpu, connections, organizations, batch, warmUp, seconds,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(connections) < result.GetValue(organizations))
            {
                result.AddError("--connections must be at least --organizations.");
            }
        });
        command.SetAction(call => new ScaleBenchmark(
            call.GetValue(cpu), call.GetValue(connections), call.GetValue(organizations), call.GetValue(batch),
            TimeSpan.FromSeconds(call.GetValue(warmUp)), TimeSpan.FromSeconds(call.GetValue(seconds)))
            .RunAsync(call.GetValue(servers)!));
        root.Add(command);
    }
}
