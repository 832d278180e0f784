using System.CommandLine;

namespace OrdersActors.Server.Commands.Orders;

/// <summary><c>tail</c>: prints the events of an organization or an order as they are stored.</summary>
internal static class TailCommand
{
    private const int MostLast = 1000;

    public static Command Create(CommandSettings settings)
    {
        var organization = FeedOptions.Organization();
        var order = new Option<string?>("--order") { Description = "Only this order." };
        var gateway = FeedOptions.Gateway();
        var last = new Option<int>("--last")
        {
            Description = $"Begin with so many of the newest events, 0 to {MostLast}, default 0.",
        };
        var count = new Option<long?>("--count") { Description = "End after so many events." };
        last.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && int.TryParse(text, out var number)
                && number is < 0 or > MostLast)
            {
                result.AddError($"Option '--last' must be 0 to {MostLast}, is {number}.");
            }
        });
        var command = new Command("tail", "Print the events of an organization or an order, live.")
        {
            organization, order, gateway, last, count, Output.OutputOptions.Json, CommandSettings.File,
        };
        command.SetAction(async (call, cancellationToken) =>
        {
            var feed = new FeedKey(call.GetRequiredValue(organization), call.GetValue(order));
            await using var source = await FeedOptions.OpenAsync(
                settings.Build(call), call.GetValue(gateway), cancellationToken);
            await Console.Error.WriteLineAsync($"the {feed} in {source.Location}; Ctrl+C ends");
            var asJson = call.GetValue(Output.OutputOptions.Json);
            var tail = new FeedTail(source, feed, TimeProvider.System, Console.Error);
            await foreach (var e in tail.RunAsync(call.GetValue(last), call.GetValue(count), cancellationToken))
            {
                Console.WriteLine(asJson ? EventLine.Json(e) : string.Join("  ", EventLine.Cells(e)));
            }

            return ServerCommandLine.Done;
        });
        return command;
    }
}
