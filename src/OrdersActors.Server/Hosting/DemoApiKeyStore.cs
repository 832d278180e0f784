using OrdersActors.Server.Board;
using OrdersActors.Storage;

namespace OrdersActors.Server.Hosting;

/// <summary>
/// The keys of the Development environment: the stored keys and the demo account. The demo account is not stored, so it
/// cannot be left in a database that a Production server uses later.
/// </summary>
internal sealed class DemoApiKeyStore(IApiKeyStore stored) : IApiKeyStore
{
    private static readonly ApiKey Demo = new(
        DemoAccount.Current.Organization, [new ApiKeySecret(1, DemoAccount.Current.ApiSecret)], ApiKeyAccess.Open,
        ExpiresAt: null, IsRevoked: false);

    public Task<ApiKey?> FindAsync(string key, CancellationToken cancellationToken = default) =>
        key == DemoAccount.Current.ApiKey ? Task.FromResult<ApiKey?>(Demo) : stored.FindAsync(key, cancellationToken);

    public Task<NewApiKey> CreateAsync(string organizationId, CancellationToken cancellationToken = default) =>
        stored.CreateAsync(organizationId, cancellationToken);

    public Task<IReadOnlyList<ApiKeyInfo>> ListAsync(
        string? organizationId, CancellationToken cancellationToken = default) =>
        stored.ListAsync(organizationId, cancellationToken);

    public Task<KeyRevocation?> RevokeAsync(string key, CancellationToken cancellationToken = default) =>
        stored.RevokeAsync(key, cancellationToken);
}
