using System.CommandLine;

namespace OrdersActors.Benchmarks.Soak;

/// <summary>The command <c>soak</c>.</summary>
internal static class SoakCommand
{
    public static void AddTo(RootCommand root)
    {
        var minutes = PositiveNumber.Option("--minutes", "Duration in minutes.", 30);
        var deliveries = PositiveNumber.Option("--deliveries", "Deliveries per second.", 25_000);
        var connections = PositiveNumber.Option("--connections", "Number of connections.", 1000);
        var orders = PositiveNumber.Option("--orders", "Number of orders that the connections are spread over.", 20);
        var churn = PositiveNumber.Option("--churn", "Connections that go and come back, per second.", 10);
        var command = new Command(
            "soak",
            "Delivers for a long time to connections that come and go. Checks that each gets every event once and in "
            + "order, and compares the server's memory and CPU at the beginning and at the end. Ends GREEN or RED.")
        {
            minutes, deliveries, connections, orders, churn,
        };
        command.Validators.Add(result =>
        {
            var (all, over) = (result.GetValue(connections), result.GetValue(orders));
            if (over > 0 && all % over != 0)
            {
                result.AddError($"--connections must be a multiple of --orders, but {all} is none of {over}.");
            }
        });
        command.SetAction(call => new SoakBenchmark(
            call.GetValue(minutes), call.GetValue(deliveries), call.GetValue(connections), call.GetValue(orders),
            call.GetValue(churn)).RunAsync());
        root.Add(command);
    }
}
