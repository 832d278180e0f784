using System.CommandLine;
using System.Text.Json;
using OrdersActors.Server.Commands.Output;
using OrdersActors.Server.Hosting;

namespace OrdersActors.Server.Commands.Transfer;

/// <summary>
/// <c>export</c>: writes everything that the database has of one organization into a file. Servers may be running.
/// </summary>
internal static class ExportCommand
{
    public static Command Create(CommandSettings settings)
    {
        var organization = new Option<string>("--organization")
        {
            Description = "The organization.",
            Required = true,
        };
        var to = new Option<string>("--to")
        {
            Description = "The file to create; it must not exist. JSON lines.",
            Required = true,
        };
        var command = new Command(
            "export", "Write all events of one organization into a file, with their numbers. Servers may be running.")
        {
            organization, to, OutputOptions.Json, CommandSettings.File,
        };
        command.SetAction(async (call, cancellationToken) =>
        {
            var configuration = settings.Build(call);
            var options = ServerOptions.Read(configuration);
            var id = call.GetRequiredValue(organization);
            OrderEventRules.CheckOrganizationId(id);
            var path = Path.GetFullPath(call.GetRequiredValue(to));
            var progress = new CommandProgress("events", TimeProvider.System);
            var header = await progress.RunAsync(
                () => RunAsync(configuration, options, id, path, progress, cancellationToken));
            var result = new ExportResult(
                id, path, header.Epoch, header.Sequence, header.Orders, header.Events);
            if (call.GetValue(OutputOptions.Json))
            {
                Console.WriteLine(JsonSerializer.Serialize(result, TransferJson.Default.ExportResult));
            }
            else
            {
                Console.WriteLine(
                    $"{path} holds {header.Events} events of {header.Orders} orders of {id}, up to sequence "
                    + $"{header.Sequence}, of epoch {header.Epoch}");
            }

            await Console.Error.WriteLineAsync(
                $"exported {progress.Summary()}, used {ServerStorage.Describe(options)}");
            return ServerCommandLine.Done;
        });
        return command;
    }

    /// <summary>Writes the file under another name first, so that a file of that name is always complete.</summary>
    private static async Task<ExportHeader> RunAsync(
        IConfiguration configuration, ServerOptions options, string organization, string path,
        CommandProgress progress, CancellationToken cancellationToken)
    {
        if (Path.Exists(path))
        {
            throw new StartupException($"the file {path} exists; an export does not replace it");
        }

        await using var source = await ServerStorage.OpenSourceAsync(
            configuration, options, organization, cancellationToken);
        if (source.Head.Sequence == 0)
        {
            throw new StartupException(
                $"the organization {organization} has no events in {ServerStorage.Describe(options)}");
        }

        var partial = path + ".partial";
        try
        {
            await using (var file = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
            {
                using var writer = new ExportWriter(file);
                var header = await writer.WriteAsync(
                    organization, source, progress, TimeProvider.System, cancellationToken);
                file.Flush(flushToDisk: true);
                File.Move(partial, path, overwrite: false);
                return header;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"{path} cannot be written: {e.Message}");
        }
        finally
        {
            File.Delete(partial);
        }
    }
}
