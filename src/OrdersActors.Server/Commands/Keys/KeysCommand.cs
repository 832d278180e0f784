using System.CommandLine;

namespace OrdersActors.Server.Commands.Keys;

/// <summary>
/// <c>keys</c>: creates, lists, changes, rotates and revokes API keys in the data directory or in PostgreSQL, with or
/// without running servers.
/// </summary>
/// <remarks>
/// <para>A key is useless in a database that the server does not use, so each command writes to stderr which database
/// it used. Only <c>create</c> creates a database, only in a data directory that the settings name, and it reports
/// that.</para>
/// <para>Standard output has the result in JSON. Each change is also logged to stderr (<see cref="KeyChangeLog"/>),
/// because a command has no other log.</para>
/// </remarks>
internal static class KeysCommand
{
    public static Command Create(CommandSettings settings)
    {
        var command = new Command("keys", "Create, list, change, rotate and revoke API keys.");
        command.Add(CreateKeyCommand.Create(settings));
        command.Add(ListKeysCommand.Create(settings));
        command.Add(UpdateKeyCommand.Create(settings));
        command.Add(RotateKeyCommand.Create(settings));
        command.Add(RevokeKeyCommand.Create(settings));
        return command;
    }
}
