using System.CommandLine;
using System.Text.Json;
using OrdersActors.Server.Commands.Output;
using OrdersActors.Server.Hosting;

namespace OrdersActors.Server.Commands.Transfer;

/// <summary>
/// <c>import</c>: stores an export in a database in which the organization has no events. With SQLite the server must
/// be stopped.
/// </summary>
internal static class ImportCommand
{
    public static Command Create(CommandSettings settings)
    {
        var from = new Option<string>("--from")
        {
            Description = "The file that 'export' has written.",
            Required = true,
        };
        var command = new Command(
            "import", "Store an export with the numbers that its events have. An import that was interrupted continues "
            + "when it is repeated. With SQLite the server must be stopped.")
        {
            from, OutputOptions.Json, CommandSettings.File,
        };
        command.SetAction(async (call, cancellationToken) =>
        {
            var configuration = settings.Build(call);
            var options = ServerOptions.Read(configuration);
            if (options.ConnectionString is null && !ServerStorage.HasDatabase(options)
                && !options.IsDataDirectoryNamed)
            {
                throw new StartupException(
                    $"there is no {ServerStorage.Describe(options)}: name the server's data directory with --config "
                    + "FILE or --OrdersActors:DataDirectory=DIR, which also creates a database there");
            }

            var file = new ExportFile(Path.GetFullPath(call.GetRequiredValue(from)));
            var checking = new CommandProgress("events verified", TimeProvider.System);
            var header = await checking.RunAsync(() => file.VerifyAsync(checking, cancellationToken));
            using var log = CommandLog.Create();
            await using var target = await ServerStorage.OpenTargetAsync(
                configuration, options, header.OrganizationId, log.CreateLogger(typeof(ImportCommand).FullName!),
                cancellationToken);
            var progress = new CommandProgress("events", TimeProvider.System);
            var result = await progress.RunAsync(
                () => new OrganizationImport(file, target).RunAsync(header, progress, cancellationToken));
            Print(result, call.GetValue(OutputOptions.Json));
            await Console.Error.WriteLineAsync($"imported into {target.Location}");
            return ServerCommandLine.Done;
        });
        return command;
    }

    private static void Print(ImportResult result, bool asJson)
    {
        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(result, TransferJson.Default.ImportResult));
            return;
        }

        Console.WriteLine(result.EventsAdded > 0
            ? $"stored {result.EventsAdded} events of {result.OrganizationId}, up to sequence {result.Sequence}"
                + (result.EventsKnown > 0 ? $"; {result.EventsKnown} were stored before" : "")
            : $"nothing to do: the events of {result.OrganizationId} up to sequence {result.Sequence} are stored");
    }
}
