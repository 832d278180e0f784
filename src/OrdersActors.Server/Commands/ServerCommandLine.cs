using System.CommandLine;
using Microsoft.Extensions.Options;
using OrdersActors.Publishing;
using OrdersActors.Server.Commands.Connections;
using OrdersActors.Server.Commands.Doctor;
using OrdersActors.Server.Commands.Keys;
using OrdersActors.Server.Commands.Orders;
using OrdersActors.Server.Commands.Settings;
using OrdersActors.Server.Commands.Transfer;
using OrdersActors.Server.Hosting;
using OrdersActors.Storage;

namespace OrdersActors.Server.Commands;

/// <summary>
/// The command line. Exit codes: 0: done. 1: the command failed, and one line on stderr gives the reason. 2: the call
/// was wrong, and the usage is shown. 3: conflict: an event has the id of a stored event with different content.
/// </summary>
internal static class ServerCommandLine
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongCall = 2;
    public const int Conflict = 3;

    // The time in which a cancelled command must report its progress and close its connections.
    private static readonly TimeSpan CommandEnd = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync(string[] args)
    {
        Umask.SetPrivate();
        var settings = CommandSettings.Split(args);
        var root = CreateRoot(settings);
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
            await root.Parse([.. CommandPath(call), "--help"])
                .InvokeAsync(new InvocationConfiguration { Output = Console.Error });
            return WrongCall;
        }

        try
        {
            return await call.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                // A server handles the signals itself, and its drain may take longer than a command's timeout.
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

    private static RootCommand CreateRoot(CommandSettings settings)
    {
        var root = new RootCommand("Pushes order-status events over WebSockets. Without a command: serve.");
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
        root.Add(TokenCommand.Create());
        root.Add(DoctorCommand.Create(settings));
        root.Add(ConfigCommand.Create(settings));
        root.Add(ExportCommand.Create(settings));
        root.Add(ImportCommand.Create(settings));
        root.Add(OrdersCommand.Create(settings));
        root.Add(TailCommand.Create(settings));
        root.Add(PartitionsCommand.Create(settings));
        root.Add(ConnectionsCommand.Create(settings));
        root.Add(DisconnectCommand.Create(settings));
        return root;
    }

    /// <summary>
    /// Returns the errors of the call. Unknown arguments come before missing ones, because an unknown argument is often
    /// a misspelling of a missing one.
    /// </summary>
    private static string[] FindErrors(ParseResult call, CommandSettings settings)
    {
        // The parser reports unknown arguments only if a command's own validators have found no error.
        var unknown = call.UnmatchedTokens.Select(token => $"Unrecognized command or argument '{token}'.");
        string[] wrong = settings.FindError(call) is { } error ? [error] : [];
        return [.. wrong, .. unknown.Union(call.Errors.Select(problem => problem.Message))];
    }

    /// <summary>
    /// Allows <c>--version</c> together with other options. The parser refuses that by default, but "dotnet run" always
    /// adds <c>--environment</c>.
    /// </summary>
    private static void AllowVersionBesideEnvironment(RootCommand root)
    {
        foreach (var version in root.Options.OfType<VersionOption>())
        {
            version.Validators.Clear();
            version.Action = new VersionAction();
        }
    }

    /// <summary>
    /// Returns the message of a failure that needs no stack trace to be understood; null for any other.
    /// </summary>
    public static string? OneLine(Exception e) => e switch
    {
        StartupException or StorageException or PublishFailedException => e.Message,
        InvalidOrderEventException or EventLogUnavailableException => e.Message,
        _ when StorageFaults.Describe(e) is { } fault => $"the database failed: {fault}",
        EventConflictException => EventRefusal.WithoutIndex(e),
#pragma warning disable CS0618 // A server of the previous version may still throw it.
        OrderOwnershipException => e.Message,
#pragma warning restore CS0618
        OptionsValidationException invalid => $"invalid setting: {string.Join("; ", invalid.Failures)}",
        // From the configuration binder: "Failed to convert configuration value 'x' at 'OrdersActors:…' to type …".
        InvalidOperationException { InnerException: FormatException or ArgumentException } => e.Message,
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } => e.Message,
        // Several classes of settings are invalid at once.
        AggregateException several
            when several.InnerExceptions.Select(OneLine).ToArray() is var lines && !lines.Contains(null) =>
            string.Join("; ", lines),
        OperationCanceledException => "cancelled",
        _ => null,
    };

    /// <summary>Describes an unexpected failure: in one line, or with its stack trace if that is turned on.</summary>
    private static string Unexpected(Exception e)
    {
        if (ConsoleLogging.ShowsStackTraces)
        {
            return e.ToString();
        }

        var cause = e is AggregateException { InnerExceptions: [var only] } ? only : e;
        return $"unexpected failure: {ConsoleLogging.OneLine(cause.Message)} ({cause.GetType().Name}); "
            + $"set the environment variable {ConsoleLogging.StackTraceVariable}=1 to see the stack trace";
    }

    private static IEnumerable<string> CommandPath(ParseResult call)
    {
        var names = new Stack<string>();
        for (var command = call.CommandResult;
            command.Parent is not null;
            command = (System.CommandLine.Parsing.CommandResult)command.Parent)
        {
            names.Push(command.Command.Name);
        }

        return names;
    }
}
