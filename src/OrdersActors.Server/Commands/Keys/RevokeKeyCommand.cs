using System.CommandLine;

namespace OrdersActors.Server.Commands.Keys;

/// <summary><c>keys revoke</c>.</summary>
internal static class RevokeKeyCommand
{
    public static Command Create(CommandSettings settings)
    {
        var key = KeyOptions.Key();
        var command = new Command("revoke", "Revoke a key permanently; by default its connections end within 30 s.")
        {
            key, CommandSettings.File,
        };
        command.SetAction(async (call, cancellationToken) =>
        {
            var name = call.GetRequiredValue(key);
            var configuration = settings.Build(call);
            var keys = await KeyDatabase.OpenAsync(configuration, mayCreate: false);
            var revoked = await keys.Store.RevokeAsync(name, cancellationToken) ?? throw keys.NoSuchKey(name);
            KeysJson.Write(
                new RevokedKey(
                    revoked.OrganizationId, name, revoked.RevokedAt.UtcDateTime, revoked.WasRevoked,
                    revoked.WasRevoked ? null : KeyDelays.ClosedWithin(configuration)),
                KeysJson.Default.RevokedKey);
            await keys.SayAsync();
            if (!revoked.WasRevoked)
            {
                KeyChangeLog.Revoked(name, revoked.OrganizationId);
            }

            return ServerCommandLine.Done;
        });
        return command;
    }
}
