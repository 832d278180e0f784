using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using OrdersActors.FrontEnd;
using OrdersActors.Grains.Authentication;
using OrdersActors.Server.Hosting;

namespace OrdersActors.Server.Commands;

/// <summary>
/// <c>keys</c>: creates, lists and revokes API keys in the data directory or in PostgreSQL, with or without running
/// servers.
/// </summary>
/// <remarks>
/// A key is useless in a database that the server does not use, so each command writes to stderr which database it
/// used. Only <c>create</c> creates a database, only in a data directory that the settings name, and it reports that.
/// </remarks>
internal static class KeysCommand
{
    public static Command Create(CommandSettings settings)
    {
        var command = new Command("keys", "Create, list and revoke API keys.");
        command.Add(CreateKey(settings));
        command.Add(ListKeys(settings));
        command.Add(RevokeKey(settings));
        return command;
    }

    private static Command CreateKey(CommandSettings settings)
    {
        var organization = new Option<string>("--organization")
        {
            Description = "The organization of the key.",
            Required = true,
        };
        var command = new Command("create", "Create a key; its secret is shown only once.")
        {
            organization, CommandSettings.File,
        };
        command.SetAction(async (call, cancellationToken) =>
        {
            OrderEventRules.CheckOrganizationId(call.GetRequiredValue(organization));
            var keys = await KeyDatabase.OpenAsync(settings.Build(call), mayCreate: true);
            var key = await keys.Store.CreateAsync(call.GetRequiredValue(organization), cancellationToken);
            Write(new CreatedKey(key.OrganizationId, key.Key, key.Secret), KeysJson.Default.CreatedKey);
            await keys.SayAsync();
            return 0;
        });
        return command;
    }

    private static Command ListKeys(CommandSettings settings)
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
                Write(
                    new ListedKey(key.OrganizationId, key.Key, key.CreatedAt.UtcDateTime, key.RevokedAt?.UtcDateTime),
                    KeysJson.Default.ListedKey);
            }

            await keys.SayAsync();
            return 0;
        });
        return command;
    }

    private static Command RevokeKey(CommandSettings settings)
    {
        var key = new Argument<string>("key") { Description = "The API key." };
        var command = new Command("revoke", "Revoke a key permanently; by default its connections end within 30 s.")
        {
            key, CommandSettings.File,
        };
        command.SetAction(async (call, cancellationToken) =>
        {
            var name = call.GetRequiredValue(key);
            var configuration = settings.Build(call);
            var keys = await KeyDatabase.OpenAsync(configuration, mayCreate: false);
            var revoked = await keys.Store.RevokeAsync(name, cancellationToken)
                ?? throw new StartupException($"there is no key '{name}' in {keys.Location}");
            Write(
                new RevokedKey(
                    revoked.OrganizationId, name, revoked.RevokedAt.UtcDateTime, revoked.WasRevoked,
                    revoked.WasRevoked ? null : ClosedWithin(configuration)),
                KeysJson.Default.RevokedKey);
            await keys.SayAsync();
            return 0;
        });
        return command;
    }

    /// <summary>
    /// Returns the seconds until every front end has closed the key's connections: the lifetime of a cached lookup plus
    /// the interval of the checks.
    /// </summary>
    private static int ClosedWithin(IConfiguration configuration)
    {
        var cached = ServerStorage.Read(
            configuration, "OrdersActors:Authentication", new AuthenticationOptions(), _ => { });
        var checks = ServerStorage.Read(configuration, "OrdersActors:FrontEnd", new FrontEndOptions(), _ => { });
        return (int)Math.Ceiling((cached.KeyCacheTime + checks.KeyCheckInterval).TotalSeconds);
    }

    private static void Write<T>(T value, JsonTypeInfo<T> type) =>
        Console.WriteLine(JsonSerializer.Serialize(value, type));
}

internal sealed record CreatedKey(string OrganizationId, string ApiKey, string ApiSecret);

internal sealed record ListedKey(string OrganizationId, string ApiKey, DateTime CreatedAt, DateTime? RevokedAt);

/// <param name="OrganizationId">The organization of the key.</param>
/// <param name="ApiKey">The key.</param>
/// <param name="RevokedAt">The time of the first revocation, UTC.</param>
/// <param name="WasRevoked">Whether the key was already revoked, so that the command changed nothing.</param>
/// <param name="ConnectionsCloseWithinSeconds">
/// The time within which the key's connections are closed; null if the key was already revoked.
/// </param>
internal sealed record RevokedKey(
    string OrganizationId, string ApiKey, DateTime RevokedAt, bool WasRevoked, int? ConnectionsCloseWithinSeconds);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CreatedKey))]
[JsonSerializable(typeof(ListedKey))]
[JsonSerializable(typeof(RevokedKey))]
internal sealed partial class KeysJson : JsonSerializerContext;
