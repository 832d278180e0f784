using System.CommandLine;
using OrdersActors.Server.Hosting;
using OrdersActors.Storage;

namespace OrdersActors.Server.Commands;

/// <summary>
/// <c>epoch</c>: shows the epoch of the event log, or begins a new one after a restore that a server cannot detect.
/// </summary>
internal static class EpochCommand
{
    public static Command Create(CommandSettings settings)
    {
        var command = new Command(
            "epoch", "Show the epoch of the event log, or begin a new one after its history was rewritten.");
        command.Add(Show(settings));
        command.Add(New(settings));
        return command;
    }

    private static Command Show(CommandSettings settings)
    {
        var command = new Command("show", "Show the epoch. The server may be running.") { CommandSettings.File };
        command.SetAction(async (call, cancellationToken) =>
        {
            var store = Open(settings.Build(call));
            Console.WriteLine(await store.FindAsync(cancellationToken)
                ?? throw new StartupException(
                    $"{store.Location} has no epoch yet; the next start of a server creates one"));
            return 0;
        });
        return command;
    }

    private static Command New(CommandSettings settings)
    {
        var command = new Command(
            "new",
            "Begin a new epoch: clients read all retained events again. With SQLite the server must be stopped; "
            + "with PostgreSQL running servers switch to the new epoch.")
        {
            CommandSettings.File,
        };
        command.SetAction(async (call, cancellationToken) =>
        {
            var store = Open(settings.Build(call));
            var ended = await store.FindAsync(cancellationToken);
            var epoch = await store.BeginAsync(cancellationToken);
            await Console.Error.WriteLineAsync($"{store.Location}: epoch {epoch} begins, {ended ?? "none"} ends");
            Console.WriteLine(epoch);
            return 0;
        });
        return command;
    }

    private static IEpochStore Open(IConfiguration configuration) =>
        ServerStorage.OpenEpochs(configuration, ServerOptions.Read(configuration), Console.Error.WriteLine);
}
