using System.CommandLine;
using OrdersActors.Storage;

namespace OrdersActors.Server.Commands.Keys;

/// <summary><c>keys update</c>.</summary>
internal static class UpdateKeyCommand
{
    public static Command Create(CommandSettings settings)
    {
        var key = KeyOptions.Key();
        var access = KeyOptions.Access("");
        var expires = KeyOptions.Expires(mayBeNever: true, "");
        var command = new Command("update", "Change a key's access mode or expiry.")
        {
            key, access, expires, CommandSettings.File,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(access) is null && result.GetResult(expires) is null)
            {
                result.AddError("Option '--access' or '--expires' is required.");
            }
        });
        command.SetAction(async (call, cancellationToken) =>
        {
            var name = call.GetRequiredValue(key);
            var update = new ApiKeyUpdate(
                KeyOptions.ReadAccess(call, access), call.GetResult(expires) is not null,
                KeyOptions.ReadExpiry(call, expires));
            var configuration = settings.Build(call);
            var keys = await KeyDatabase.OpenAsync(configuration, mayCreate: false);
            var changed = keys.Check(await keys.Store.UpdateAsync(name, update, cancellationToken), name);
            KeysJson.Write(
                UpdatedKey.Of(changed, DateTimeOffset.UtcNow, KeyDelays.ClosedWithin(configuration)),
                KeysJson.Default.UpdatedKey);
            await keys.SayAsync();
            KeyChangeLog.Updated(changed);
            return ServerCommandLine.Done;
        });
        return command;
    }
}
