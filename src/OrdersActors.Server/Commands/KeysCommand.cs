using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrdersActors.Server.Hosting;
using OrdersActors.Storage;

namespace OrdersActors.Server.Commands;

/// <summary><c>keys</c>: works on the data directory or in PostgreSQL, beside running servers or without one.</summary>
internal static class KeysCommand
{
    public static Command Create()
    {
        var command = new Command("keys", "Create, list and revoke API keys.");
        command.Add(CreateKey());
        command.Add(ListKeys());
        command.Add(RevokeKey());
        return command;
    }

    private static Command CreateKey()
    {
        var organization = new Option<string>("--organization") { Description = "Whose key.", Required = true };
        var command = new Command("create", "Create a key; its secret is shown only now.") { organization };
        command.SetAction(async (call, cancellationToken) =>
        {
            var key = await (await OpenAsync()).CreateAsync(call.GetRequiredValue(organization), cancellationToken);
            Write(new CreatedKey(key.OrganizationId, key.Key, key.Secret), KeysJson.Default.CreatedKey);
            return 0;
        });
        return command;
    }

    private static Command ListKeys()
    {
        var organization = new Option<string?>("--organization") { Description = "Only this organization's keys." };
        var command = new Command("list", "List the keys, one JSON object a line, without secrets.") { organization };
        command.SetAction(async (call, cancellationToken) =>
        {
            foreach (var key in await (await OpenAsync()).ListAsync(call.GetValue(organization), cancellationToken))
            {
                Write(new ListedKey(key.OrganizationId, key.Key, key.CreatedAt.UtcDateTime, key.RevokedAt?.UtcDateTime), KeysJson.Default.ListedKey);
            }

            return 0;
        });
        return command;
    }

    private static Command RevokeKey()
    {
        var key = new Argument<string>("key") { Description = "The API key." };
        var command = new Command("revoke", "Revoke a key for good; its connections end within 30 s.") { key };
        command.SetAction(async (call, cancellationToken) =>
        {
            if (!await (await OpenAsync()).RevokeAsync(call.GetRequiredValue(key), cancellationToken))
            {
                throw new StartupException($"there is no key '{call.GetRequiredValue(key)}'");
            }

            return 0;
        });
        return command;
    }

    private static Task<IApiKeyStore> OpenAsync()
    {
        var configuration = ServerConfiguration.Build();
        return ServerStorage.OpenKeysAsync(configuration, ServerOptions.Read(configuration));
    }

    private static void Write<T>(T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        Console.WriteLine(JsonSerializer.Serialize(value, type));
}

internal sealed record CreatedKey(string OrganizationId, string ApiKey, string ApiSecret);

internal sealed record ListedKey(string OrganizationId, string ApiKey, DateTime CreatedAt, DateTime? RevokedAt);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CreatedKey))]
[JsonSerializable(typeof(ListedKey))]
internal sealed partial class KeysJson : JsonSerializerContext;
