using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using OrdersActors.Server.Commands.Output;

namespace OrdersActors.Server.Commands.Connections;

/// <summary><c>connections</c>: lists the clients of all front ends, through a gateway.</summary>
internal static class ConnectionsCommand
{
    private const int MostConnections = 1000;

    public static Command Create(CommandSettings settings)
    {
        var options = new ConnectionOptions();
        var limit = new Option<int>("--limit")
        {
            Description = $"Most connections to list, 1 to {MostConnections}, default 100. All are counted.",
            DefaultValueFactory = _ => 100,
        };
        limit.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && int.TryParse(text, out var number)
                && number is < 1 or > MostConnections)
            {
                result.AddError($"Option '--limit' must be 1 to {MostConnections}, is {number}.");
            }
        });
        var command = new Command("connections", "List the clients that are connected to the front ends.") { limit };
        options.AddTo(command);
        command.SetAction(async (call, cancellationToken) =>
        {
            var (answers, location) = await options.AskAsync(
                settings.Build(call), call,
                frontEnds => frontEnds.ListConnections(options.Read(call), call.GetValue(limit)), cancellationToken);
            Print(answers, call.GetValue(OutputOptions.Json));
            return await ConnectionOptions.ReportAsync(answers, location);
        });
        return command;
    }

    private static void Print(FrontEndAnswers answers, bool asJson)
    {
        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                [
                    .. answers.Answers.Select(answer => new ListedFrontEnd(
                        answer.FrontEnd, answer.Connections?.Total, answer.Connections?.Matching,
                        [.. answer.Connections?.Connections.Select(ListedConnection.Of) ?? []], answer.Problem)),
                ],
                ConnectionsJson.Default.ListedFrontEndArray));
            return;
        }

        var table = new TextTable(
            "FRONT END", "ORGANIZATION", "KEY", "CUSTOMER", "ADDRESS", "TRANSPORT", "AGE", "SUBSCRIPTIONS", "ORDERS",
            "QUEUED");
        foreach (var (frontEnd, info) in answers.Answers.SelectMany(
            answer => (answer.Connections?.Connections ?? []).Select(info => (answer.FrontEnd, info))))
        {
            table.Add(
                frontEnd, info.OrganizationId ?? "-", info.Key ?? "-", info.Customer ?? "-", info.Address ?? "-",
                info.Transport, Age(info.Age), info.Subscriptions.ToString(CultureInfo.InvariantCulture), Orders(info),
                info.QueuedBytes.ToString(CultureInfo.InvariantCulture));
        }

        table.Write();
        var lists = answers.Answers.Select(answer => answer.Connections).OfType<ConnectionList>().ToArray();
        Console.WriteLine(
            $"{lists.Sum(list => list.Connections.Length)} listed of {lists.Sum(list => list.Matching)} that match, of "
            + $"{lists.Sum(list => list.Total)} in all");
    }

    private static string Orders(ConnectionInfo info)
    {
        var named = info.Orders.Length + (info.IsOrganizationWide ? 1 : 0);
        return string.Join(
            ", ",
            [
                .. info.IsOrganizationWide ? ["(organization)"] : Array.Empty<string>(), .. info.Orders,
                .. named < info.Subscriptions ? ["…"] : Array.Empty<string>(),
            ]);
    }

    private static string Age(TimeSpan age) => age.TotalDays >= 1
        ? age.ToString(@"d\d\ hh\hmm\m", CultureInfo.InvariantCulture)
        : age.ToString(@"hh\:mm\:ss", CultureInfo.InvariantCulture);
}
