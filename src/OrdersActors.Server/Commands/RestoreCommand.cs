using System.CommandLine;
using OrdersActors.Server.Hosting;

namespace OrdersActors.Server.Commands;

/// <summary>
/// <c>restore</c>: replaces the database in the data directory with a backup. The server must be stopped.
/// </summary>
internal static class RestoreCommand
{
    public static Command Create(CommandSettings settings)
    {
        var from = new Option<string>("--from") { Description = "The backup: a database file.", Required = true };
        var command = new Command(
            "restore", "Replace the SQLite database with a backup and begin a new epoch. The server must be stopped.")
        {
            from, CommandSettings.File,
        };
        command.SetAction(call =>
        {
            var configuration = settings.Build(call);
            var restored = ServerStorage.Restore(
                configuration, ServerOptions.Read(configuration), call.GetRequiredValue(from));
            Console.WriteLine(
                $"{restored.Path} holds the {restored.Events} events of the backup; epoch {restored.Epoch} begins");
            if (restored.Previous is not null)
            {
                Console.WriteLine(
                    $"the previous database is kept as {restored.Previous}; remove it when it is no longer needed");
            }

            return 0;
        });
        return command;
    }
}
