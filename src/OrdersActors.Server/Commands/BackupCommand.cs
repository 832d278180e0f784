using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrdersActors.Server.Hosting;

namespace OrdersActors.Server.Commands;

/// <summary><c>backup</c>: copies the SQLite database, with or without a running server.</summary>
internal static class BackupCommand
{
    public static Command Create(CommandSettings settings)
    {
        var to = new Option<string>("--to") { Description = "The file to create; it must not exist.", Required = true };
        var command = new Command("backup", "Copy the SQLite database into a file. The server may be running.")
        {
            to, CommandSettings.File,
        };
        command.SetAction(async (call, cancellationToken) =>
        {
            var configuration = settings.Build(call);
            var options = ServerOptions.Read(configuration);
            var backup = await Task.Run(
                () => ServerStorage.Backup(configuration, options, call.GetRequiredValue(to), cancellationToken),
                cancellationToken);
            Console.WriteLine(JsonSerializer.Serialize(
                new WrittenBackup(backup.Path, backup.Bytes, backup.Events, backup.Epoch),
                BackupJson.Default.WrittenBackup));
            await Console.Error.WriteLineAsync($"used {ServerStorage.Describe(options)}");
            return 0;
        });
        return command;
    }
}

internal sealed record WrittenBackup(string Backup, long Bytes, long Events, string? Epoch);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(WrittenBackup))]
internal sealed partial class BackupJson : JsonSerializerContext;
