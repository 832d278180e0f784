using System.CommandLine;
using OrdersActors.Storage;
using OrdersActors.Storage.ApiKeys;

namespace OrdersActors.Server.Commands.Keys;

/// <summary><c>keys create</c>.</summary>
internal static class CreateKeyCommand
{
    public static Command Create(CommandSettings settings)
    {
        var organization = new Option<string>("--organization")
        {
            Description = "The organization of the key.",
            Required = true,
        };
        var access = KeyOptions.Access("; default open");
        var expires = KeyOptions.Expires(mayBeNever: false, "; by default it never ends");
        var command = new Command("create", "Create a key; its secret is shown only once.")
        {
            organization, access, expires, CommandSettings.File,
        };
        command.SetAction(async (call, cancellationToken) =>
        {
            OrderEventRules.CheckOrganizationId(call.GetRequiredValue(organization));
            var chosen = new ApiKeySettings(
                KeyOptions.ReadAccess(call, access) ?? ApiKeyAccess.Open, KeyOptions.ReadExpiry(call, expires));
            var keys = await KeyDatabase.OpenAsync(settings.Build(call), mayCreate: true);
            var key = await keys.Store.CreateAsync(call.GetRequiredValue(organization), chosen, cancellationToken);
            KeysJson.Write(
                new CreatedKey(
                    key.OrganizationId, key.Key, key.Secret, ApiKeyText.Name(chosen.Access),
                    chosen.ExpiresAt?.UtcDateTime),
                KeysJson.Default.CreatedKey);
            await keys.SayAsync();
            KeyChangeLog.Created(key, chosen);
            return ServerCommandLine.Done;
        });
        return command;
    }
}
