using System.CommandLine;
using Microsoft.Extensions.Options;
using OrdersActors.Publishing;
using OrdersActors.Server.Hosting;
using OrdersActors.Storage;

namespace OrdersActors.Server.Commands;

/// <summary>
/// The command line. Exit codes: 0 done; 1 it failed, and one line on stderr says why; 2 the call was wrong, and the usage is
/// shown; 3 conflict: an event has the id of a stored event with other content.
/// </summary>
internal static class ServerCommandLine
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongCall = 2;
    public const int Conflict = 3;

    // For a cancelled command to say how far it came, and to end its connections.
    private static readonly TimeSpan CommandEnd = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Tells people what is happening to their orders. Without a command: serve.");
        var serve = new Command("serve", "Run the server: silo, front end and board.");
        root.Add(ServeCommand.Environment);
        ServeCommand.Define(root);
        ServeCommand.Define(serve);
        root.Add(serve);
        root.Add(PublishCommand.Create());
        root.Add(KeysCommand.Create());
        root.Add(EpochCommand.Create());
        root.Add(RestoreCommand.Create());
        root.Add(SignCommand.Create());

        var call = root.Parse(args);
        var errors = FindErrors(call);
        if (errors.Length > 0)
        {
            foreach (var error in errors)
            {
                await Console.Error.WriteLineAsync(error);
            }

            await Console.Error.WriteLineAsync();
            await root.Parse([.. CommandPath(call), "--help"]).InvokeAsync(new InvocationConfiguration { Output = Console.Error });
            return WrongCall;
        }

        try
        {
            return await call.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                // A server handles the signals itself and takes its time to drain; the parser would end it after five seconds.
                ProcessTerminationTimeout = ServeCommand.IsServe(call) ? null : CommandEnd,
            });
        }
        catch (Exception e) when (OneLine(e) is { } line)
        {
            await Console.Error.WriteLineAsync(line);
            return Refusals.ExitCode(e);
        }
    }

    /// <summary>What is wrong with the call: what is not known first, because it is often a misspelling of what is missing.</summary>
    private static string[] FindErrors(ParseResult call)
    {
        if (ServeCommand.IsServe(call))
        {
            return call.Errors.Count == 0 && ServeCommand.FindError(call) is { } wrong
                ? [wrong]
                : [.. call.Errors.Select(error => error.Message)];
        }

        // The parser itself tells of these only where a command's own validators have found nothing.
        var unknown = call.UnmatchedTokens.Select(token => $"Unrecognized command or argument '{token}'.");
        return [.. unknown.Union(call.Errors.Select(error => error.Message))];
    }

    /// <summary>What a person can act on without a stack trace; null for everything else.</summary>
    private static string? OneLine(Exception e) => e switch
    {
        StartupException or StorageException or PublishFailedException => e.Message,
        InvalidOrderEventException or EventLogUnavailableException => e.Message,
        EventConflictException => Refusals.WithoutIndex(e),
#pragma warning disable CS0618 // A server of the previous version answers with it.
        OrderOwnershipException => e.Message,
#pragma warning restore CS0618
        OptionsValidationException invalid => $"a setting is not allowed: {string.Join("; ", invalid.Failures)}",
        // From the configuration binder: "Failed to convert configuration value 'x' at 'OrdersActors:…' to type …".
        InvalidOperationException { InnerException: FormatException or ArgumentException } => e.Message,
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } => e.Message,
        // Several classes of settings are wrong at once.
        AggregateException several when several.InnerExceptions.Select(OneLine).ToArray() is var lines && !lines.Contains(null) =>
            string.Join("; ", lines),
        OperationCanceledException => "cancelled",
        _ => null,
    };

    private static IEnumerable<string> CommandPath(ParseResult call)
    {
        var names = new Stack<string>();
        for (var command = call.CommandResult; command.Parent is not null; command = (System.CommandLine.Parsing.CommandResult)command.Parent)
        {
            names.Push(command.Command.Name);
        }

        return names;
    }
}
