using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Grains.Authentication;
using OrdersActors.Storage;

namespace OrdersActors.Tests.FrontEnd.Protocol.Vectors;

/// <summary>A store with one key, and the grain that authenticates with it at a time.</summary>
public class VectorKeys : DispatchProxy
{
    private string _key = "";
    private string _secret = "";

    internal static AuthenticationGrain CreateGrain(string key, string secret, long now)
    {
        var store = Create<IApiKeyStore, VectorKeys>();
        ((VectorKeys)store)._key = key;
        ((VectorKeys)store)._secret = secret;
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(now));
        var options = Options.Create(new AuthenticationOptions());
        return new AuthenticationGrain(
            new ApiKeyCache(store, options, time, NullLogger<ApiKeyCache>.Instance), new KeyUses(options, time),
            options, time);
    }

    /// <summary>The protocol's spelling of an outcome or a fault; null for none.</summary>
    internal static string? NameOf(Enum value) =>
        Convert.ToInt32(value, null) == 0 ? null : JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        Assert.Equal(nameof(IApiKeyStore.FindAsync), targetMethod!.Name);
        return Task.FromResult((string)args![0]! == _key
            ? new ApiKey("acme", [new ApiKeySecret(1, _secret)], ApiKeyAccess.Open, ExpiresAt: null, IsRevoked: false)
            : null);
    }
}
