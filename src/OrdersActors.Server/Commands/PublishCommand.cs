using System.CommandLine;
using System.Globalization;

namespace OrdersActors.Server.Commands;

/// <summary><c>publish</c>: an ordinary publishing service, as a command.</summary>
internal static class PublishCommand
{
    public static Command Create(CommandSettings settings)
    {
        var organization = new Option<string?>("--organization") { Description = "Whose order." };
        var order = new Option<string?>("--order") { Description = "The order's id." };
        var status = new Option<string?>("--status") { Description = "The new status." };
        var details = new Option<string?>("--details") { Description = "A JSON object." };
        var id = new Option<string?>("--id") { Description = "The event's id; publishing an id twice stores it once. Default: a new one." };
        var occurredAt = new Option<string?>("--occurred-at") { Description = "When it happened, RFC 3339. Default: now." };
        var file = new Option<string?>("--file") { Description = "Publish many: a file with one JSON object a line, or - for stdin." };
        var gateway = new Option<string?>("--gateway") { Description = "HOST:PORT of a server's gateway, default this machine's." };
        var timeout = new Option<double>("--timeout") { Description = "Seconds to keep trying, default 10.", DefaultValueFactory = _ => 10 };
        var command = new Command("publish", "Publish one event, or a file of them.")
        {
            organization, order, status, details, id, occurredAt, file, gateway, timeout, CommandSettings.File,
        };
        command.Validators.Add(result =>
        {
            Option<string?>[] one = [organization, order, status];
            if (result.GetValue(file) is null)
            {
                foreach (var missing in one.Where(option => result.GetResult(option) is null))
                {
                    result.AddError($"Option '{missing.Name}' is required (or --file).");
                }
            }
            else if (one.Append(details).Append(id).Append(occurredAt).FirstOrDefault(option => result.GetResult(option) is not null) is { } extra)
            {
                result.AddError($"Option '{extra.Name}' does not go with --file.");
            }
        });
        command.SetAction(async (call, cancellationToken) =>
        {
            var retryFor = TimeSpan.FromSeconds(Math.Clamp(call.GetValue(timeout), 0, 3600));
            if (call.GetValue(file) is { } path)
            {
                using var lines = FilePublisher.Open(path);
                await using var many = await PublishingClient.ConnectAsync(
                    settings.Build(call), call.GetValue(gateway), retryFor, cancellationToken);
                using var publisher = new FilePublisher(many.Publisher);
                var exitCode = await publisher.RunAsync(lines, cancellationToken);
                return exitCode == 0 ? await DoneAsync(many) : exitCode;
            }

            var e = new OrderStatusEvent
            {
                OrderId = call.GetRequiredValue(order)!,
                Status = call.GetRequiredValue(status)!,
                Details = call.GetValue(details),
                Id = call.GetValue(id) ?? OrderStatusEvent.NewId(),
                OccurredAt = ReadTime(call.GetValue(occurredAt)) ?? DateTimeOffset.UtcNow,
            };
            // Before anything is connected: what is wrong with the event is wrong without a server, too.
            OrderEventRules.Check(call.GetRequiredValue(organization)!, e);
            await using var client = await PublishingClient.ConnectAsync(
                settings.Build(call), call.GetValue(gateway), retryFor, cancellationToken);
            await client.Publisher.PublishAsync(call.GetRequiredValue(organization)!, e, cancellationToken);
            Console.WriteLine(OrderEventJson.ToText(await client.FindAsync(call.GetRequiredValue(organization)!, e.Id)));
            return await DoneAsync(client);
        });
        return command;
    }

    /// <summary>Says on stderr where it was published: an event in another cluster than the clients' is of no use.</summary>
    private static async Task<int> DoneAsync(PublishingClient client)
    {
        await Console.Error.WriteLineAsync($"published through {client.Location}");
        return 0;
    }

    private static DateTimeOffset? ReadTime(string? text)
    {
        if (text is null)
        {
            return null;
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw new InvalidOrderEventException("occurred_at", $"must be an RFC 3339 time, is '{text}'");
    }
}
