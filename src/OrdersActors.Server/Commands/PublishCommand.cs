using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using OrdersActors.Server.Commands.Files;

namespace OrdersActors.Server.Commands;

/// <summary><c>publish</c>: publishes events in the same way as a publishing service.</summary>
internal sealed class PublishCommand
{
    private const double LongestTimeout = 3600;

    private readonly Option<string?> _organization = new("--organization")
    {
        Description = "The organization of the order.",
    };

    private readonly Option<string?> _order = new("--order") { Description = "The order's id." };
    private readonly Option<string?> _status = new("--status") { Description = "The new status." };
    private readonly Option<string?> _details = new("--details") { Description = "The details, a JSON object." };
    private readonly Option<string?> _id = new("--id")
    {
        Description = "The event's id. An event that is repeated under its id is stored once; a different event under "
            + "the same id is a conflict (exit code 3). Default: a new id.",
    };

    private readonly Option<string?> _occurredAt = new("--occurred-at")
    {
        Description = "The time of the event, RFC 3339 with an offset. Default: now.",
    };

    private readonly Option<string?> _file = new("--file")
    {
        Description = "Publish many events: a UTF-8 file with one JSON object per line, or - for standard input.",
    };

    private readonly Option<long> _fromLine = new("--from-line")
    {
        Description = "The first line of the file to publish, default 1. Lines before it are skipped.",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<string?> _gateway = new("--gateway")
    {
        Description = "HOST:PORT of a server's gateway, default this machine's. An IPv6 address must be in brackets: "
            + "[::1]:30000.",
    };

    private readonly Option<double> _timeout = new("--timeout")
    {
        Description = "How long to retry, in seconds, 0 to 3600, default 10.",
        DefaultValueFactory = _ => 10,
    };

    private readonly CommandSettings _settings;

    private PublishCommand(CommandSettings settings) => _settings = settings;

    public static Command Create(CommandSettings settings)
    {
        var options = new PublishCommand(settings);
        var command = new Command("publish", "Publish one event, or a file of events.")
        {
            options._organization, options._order, options._status, options._details, options._id, options._occurredAt,
            options._file, options._fromLine, options._gateway, options._timeout, CommandSettings.File,
        };
        command.Validators.Add(options.Validate);
        command.SetAction((call, cancellationToken) => call.GetValue(options._file) is { } path
            ? options.PublishFileAsync(call, path, cancellationToken)
            : options.PublishOneAsync(call, cancellationToken));
        return command;
    }

    private void Validate(CommandResult result)
    {
        Option[] one = [_organization, _order, _status];
        if (result.GetResult(_file) is null)
        {
            foreach (var missing in one.Where(option => result.GetResult(option) is null))
            {
                result.AddError($"Option '{missing.Name}' is required (or --file).");
            }

            if (result.GetResult(_fromLine) is { Implicit: false })
            {
                result.AddError($"Option '{_fromLine.Name}' requires --file.");
            }
        }
        else if (one.Append(_details).Append(_id).Append(_occurredAt)
            .FirstOrDefault(option => result.GetResult(option) is not null) is { } extra)
        {
            result.AddError($"Option '{extra.Name}' cannot be combined with --file.");
        }

        // The parser itself reports values that are not numbers. It has not converted the values yet.
        if (Number(result, _fromLine) < 1)
        {
            result.AddError($"Option '{_fromLine.Name}' must be at least 1.");
        }

        if (Number(result, _timeout) is { } timeout and not (>= 0 and <= LongestTimeout))
        {
            result.AddError($"Option '{_timeout.Name}' must be 0 to {LongestTimeout} seconds.");
        }
    }

    private static double? Number(CommandResult result, Option option) =>
        result.GetResult(option) is { Implicit: false, Tokens: [var token] }
        && double.TryParse(token.Value, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    private async Task<int> PublishFileAsync(ParseResult call, string path, CancellationToken cancellationToken)
    {
        await using var file = FilePublisher.Open(path);
        await using var client = await ConnectAsync(call, cancellationToken);
        using var publisher = new FilePublisher(client.Publisher, TimeProvider.System);
        var exitCode = await publisher.RunAsync(file, call.GetValue(_fromLine), cancellationToken);
        return exitCode == ServerCommandLine.Done ? await DoneAsync(client) : exitCode;
    }

    private async Task<int> PublishOneAsync(ParseResult call, CancellationToken cancellationToken)
    {
        var organization = call.GetRequiredValue(_organization)!;
        // Validated before connecting: an invalid event is reported even if no server is running.
        var e = OrderEventRules.Normalize(organization, new OrderStatusEvent
        {
            OrderId = call.GetRequiredValue(_order)!,
            Status = call.GetRequiredValue(_status)!,
            Details = call.GetValue(_details),
            Id = call.GetValue(_id) ?? OrderStatusEvent.NewId(),
            OccurredAt = call.GetValue(_occurredAt) is { } time
                ? OrderEventRules.ReadOccurredAt(time)
                : DateTimeOffset.UtcNow,
        });
        await using var client = await ConnectAsync(call, cancellationToken);
        var answer = await client.Publisher.PublishAsync(organization, e, cancellationToken);
        Console.WriteLine(answer.IsRepeat
            // The stored time may be another one.
            ? AsRepeat(OrderEventJson.ToText(await client.FindAsync(organization, e.Id)))
            : OrderEventJson.ToText(AsStored(organization, e, answer)));
        return await DoneAsync(client);
    }

    private static OrderEvent AsStored(string organization, OrderStatusEvent e, PublishedEvent answer) => new()
    {
        OrganizationId = organization,
        OrderId = e.OrderId,
        Version = answer.Version,
        Sequence = answer.Sequence,
        Id = answer.Id,
        Status = e.Status,
        OccurredAt = e.OccurredAt,
        Details = e.Details,
    };

    private static string AsRepeat(string json) => json[..^1] + ",\"repeat\":true}";

    /// <summary>
    /// Writes to stderr which gateways and cluster were used, because clients of another cluster do not get the events.
    /// </summary>
    private static async Task<int> DoneAsync(PublishingClient client)
    {
        await Console.Error.WriteLineAsync($"published through {client.Location}");
        return ServerCommandLine.Done;
    }

    private Task<PublishingClient> ConnectAsync(ParseResult call, CancellationToken cancellationToken) =>
        PublishingClient.ConnectAsync(
            _settings.Build(call), call.GetValue(_gateway), TimeSpan.FromSeconds(call.GetValue(_timeout)),
            cancellationToken);
}
