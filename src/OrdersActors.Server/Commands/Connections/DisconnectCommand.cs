using System.CommandLine;
using System.Text.Json;
using OrdersActors.Server.Commands.Output;

namespace OrdersActors.Server.Commands.Connections;

/// <summary>
/// <c>disconnect</c>: closes connections with 1012. The clients connect again and resume, so nothing is lost.
/// </summary>
internal static class DisconnectCommand
{
    public static Command Create(CommandSettings settings)
    {
        var options = new ConnectionOptions();
        var all = new Option<bool>("--all") { Description = "All clients. Required if no other option selects some." };
        var command = new Command(
            "disconnect", "Close the connections of clients with 1012. They connect again and resume. To keep a client "
            + "away, revoke its key.")
        {
            all,
        };
        options.AddTo(command);
        command.Validators.Add(result =>
        {
            Option[] filters = [options.Organization, options.Order, options.Customer];
            if (filters.Any(filter => result.GetResult(filter) is not null) == (result.GetResult(all) is not null))
            {
                result.AddError(
                    "Either '--all', or at least one of '--organization', '--order' and '--customer' is required.");
            }
        });
        command.SetAction(async (call, cancellationToken) =>
        {
            var (answers, location) = await options.AskAsync(
                settings.Build(call), call, frontEnds => frontEnds.Disconnect(options.Read(call)), cancellationToken);
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
                    .. answers.Answers.Select(
                        answer => new DisconnectedFrontEnd(answer.FrontEnd, answer.Closed, answer.Problem)),
                ],
                ConnectionsJson.Default.DisconnectedFrontEndArray));
            return;
        }

        Console.WriteLine($"closed {answers.Answers.Sum(answer => answer.Closed)} connections");
    }
}
