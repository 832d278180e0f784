using System.CommandLine;

namespace OrdersActors.Server.Commands.Keys;

/// <summary><c>keys list</c>.</summary>
internal static class ListKeysCommand
{
    public static Command Create(CommandSettings settings)
    {
        var organization = new Option<string?>("--organization")
        {
            Description = "List only this organization's keys.",
        };
        var command = new Command("list", "List the keys without secrets, one JSON object per line.")
        {
            organization, CommandSettings.File,
        };
        command.SetAction(async (call, cancellationToken) =>
        {
            var keys = await KeyDatabase.OpenAsync(settings.Build(call), mayCreate: false);
            foreach (var key in await keys.Store.ListAsync(call.GetValue(organization), cancellationToken))
            {
                KeysJson.Write(ListedKey.Of(key, DateTimeOffset.UtcNow), KeysJson.Default.ListedKey);
            }

            await keys.SayAsync();
            return ServerCommandLine.Done;
        });
        return command;
    }
}
