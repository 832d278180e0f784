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
        Umask.SetPrivate();
        var settings = CommandSettings.Split(args);
        var root = new RootCommand("Tells people what is happening to their orders. Without a command: serve.");
        var serve = new Command("serve", "Run the server: silo, front end and board.");
        root.Add(ServeCommand.Environment);
        ServeCommand.Define(root, settings);
        ServeCommand.Define(serve, settings);
        root.Add(serve);
        root.Add(PublishCommand.Create(settings));
        root.Add(KeysCommand.Create(settings));
        root.Add(EpochCommand.Create(settings));
        root.Add(BackupCommand.Create(settings));
        root.Add(RestoreCommand.Create(settings));
        root.Add(SignCommand.Create());

        AllowVersionBesideEnvironment(root);
        var call = root.Parse(settings.Rest);
        var errors = FindErrors(call, settings);
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
            ConsoleText.Write(Console.Error, line);
            return Refusals.ExitCode(e);
        }
        catch (Exception e)
        {
            ConsoleText.Write(Console.Error, Unexpected(e));
            return 1;
        }
    }

    /// <summary>What is wrong with the call: what is not known first, because it is often a misspelling of what is missing.</summary>
    private static string[] FindErrors(ParseResult call, CommandSettings settings)
    {
        // The parser itself tells of these only where a command's own validators have found nothing.
        var unknown = call.UnmatchedTokens.Select(token => $"Unrecognized command or argument '{token}'.");
        string[] wrong = settings.FindError(call) is { } error ? [error] : [];
        return [.. wrong, .. unknown.Union(call.Errors.Select(problem => problem.Message))];
    }

    /// <summary>The parser refuses <c>--version</c> beside any other option, and "dotnet run" always gives one.</summary>
    private static void AllowVersionBesideEnvironment(RootCommand root)
    {
        foreach (var version in root.Options.OfType<VersionOption>())
        {
            version.Validators.Clear();
        }
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

    /// <summary>A failure that nobody foresaw, in one line unless its stack trace is asked for.</summary>
    private static string Unexpected(Exception e)
    {
        if (ConsoleLogging.ShowsStackTraces)
        {
            return e.ToString();
        }

        var cause = e is AggregateException { InnerExceptions: [var only] } ? only : e;
        return $"unexpected failure: {ConsoleLogging.OneLine(cause.Message)} ({cause.GetType().Name}); "
            + $"the environment variable {ConsoleLogging.StackTraceVariable}=1 shows where";
    }

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
