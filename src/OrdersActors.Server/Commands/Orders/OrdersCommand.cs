using System.CommandLine;
using OrdersActors.Server.Commands.Output;
using OrdersActors.Server.Hosting;

namespace OrdersActors.Server.Commands.Orders;

/// <summary><c>orders show</c>: prints the events of one order that are kept.</summary>
internal static class OrdersCommand
{
    private const int PageSize = 500;

    public static Command Create(CommandSettings settings)
    {
        var order = new Argument<string>("id") { Description = "The order's id." };
        var organization = FeedOptions.Organization();
        var gateway = FeedOptions.Gateway();
        var show = new Command("show", "Print the timeline of one order.")
        {
            order, organization, gateway, OutputOptions.Json, CommandSettings.File,
        };
        show.SetAction(async (call, cancellationToken) =>
        {
            var feed = new FeedKey(call.GetRequiredValue(organization), call.GetRequiredValue(order));
            await using var source = await FeedOptions.OpenAsync(
                settings.Build(call), call.GetValue(gateway), cancellationToken);
            await PrintAsync(source, feed, call.GetValue(OutputOptions.Json), cancellationToken);
            return ServerCommandLine.Done;
        });
        return new Command("orders", "Inspect orders.") { show };
    }

    private static async Task PrintAsync(
        IFeedSource source, FeedKey feed, bool asJson, CancellationToken cancellationToken)
    {
        var bounds = await source.GetBoundsAsync(feed, cancellationToken)
            ?? throw new StartupException(
                $"the organization {feed.OrganizationId} has no order {feed.OrderId} in {source.Location}");
        var table = new TextTable(EventLine.Columns);
        var after = bounds.Earliest - 1;
        while (after < bounds.Last
            && await source.ReadAsync(feed, after, PageSize, cancellationToken) is { Count: > 0 } page)
        {
            foreach (var e in page)
            {
                if (asJson)
                {
                    Console.WriteLine(EventLine.Json(e));
                }
                else
                {
                    table.Add(EventLine.Cells(e));
                }
            }

            after = page[^1].Version;
        }

        if (!asJson)
        {
            table.Write();
        }

        var removed = bounds.Earliest > 1 ? $"versions 1 to {bounds.Earliest - 1} are no longer kept; " : "";
        await Console.Error.WriteLineAsync($"{removed}epoch {bounds.Epoch}, read from {source.Location}");
    }
}
