using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using OrdersActors.Storage.ApiKeys;
using OrdersActors.Storage.Sqlite;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage;

public sealed class SqliteApiKeyStoreTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_key_is_found_with_its_secret_also_by_another_process_and_listed_without_it()
    {
        var created = await Open().CreateAsync("shop", TestContext.Current.CancellationToken);
        await Open().CreateAsync("other", TestContext.Current.CancellationToken);
        var found = await Open().FindAsync(created.Key, TestContext.Current.CancellationToken);
        Assert.Equal(("shop", created.Secret, false), (found!.OrganizationId, found.Secret, found.IsRevoked));
        Assert.Null(await Open().FindAsync("nobody", TestContext.Current.CancellationToken));
        Assert.Equal(2, (await Open().ListAsync(null, TestContext.Current.CancellationToken)).Count);
        Assert.Equal(created.Key, Assert.Single(await Open().ListAsync("shop", TestContext.Current.CancellationToken)).Key);
        Assert.DoesNotContain(created.Secret, created.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(created.Secret, found.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Revoking_is_for_good_and_may_be_repeated()
    {
        var store = Open();
        var key = await store.CreateAsync("shop", TestContext.Current.CancellationToken);
        Assert.True(await store.RevokeAsync(key.Key, TestContext.Current.CancellationToken));
        var at = Assert.Single(await store.ListAsync(null, TestContext.Current.CancellationToken)).RevokedAt;
        Assert.NotNull(at);
        Assert.True(await store.RevokeAsync(key.Key, TestContext.Current.CancellationToken));
        Assert.Equal(at, Assert.Single(await store.ListAsync(null, TestContext.Current.CancellationToken)).RevokedAt);
        Assert.True((await store.FindAsync(key.Key, TestContext.Current.CancellationToken))!.IsRevoked);
        Assert.False(await store.RevokeAsync("nobody", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Keys_work_beside_an_open_log_and_the_secret_is_nowhere_on_the_disk()
    {
        await using var log = SqliteEventLog.Open(
            new SqliteStorageOptions { DataDirectory = _folder.Path }, TimeProvider.System, NullLogger<SqliteEventLog>.Instance);
        var key = await Open().CreateAsync("shop", TestContext.Current.CancellationToken);
        await log.AppendAsync("shop", [new OrderStatusEvent { OrderId = "o", Status = "s" }], TestContext.Current.CancellationToken);
        var secret = Encoding.UTF8.GetBytes(key.Secret);
        foreach (var file in Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[stream.Length];
            await stream.ReadExactlyAsync(bytes, TestContext.Current.CancellationToken);
            Assert.True(bytes.AsSpan().IndexOf(secret) < 0, $"the secret stands in {file}");
        }
    }

    [Fact]
    public async Task An_organization_that_is_none_is_named() => Assert.Equal(
        "organization_id",
        (await Assert.ThrowsAsync<InvalidOrderEventException>(() => Open().CreateAsync("", TestContext.Current.CancellationToken))).Field);

    private SqliteApiKeyStore Open()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddOrderDataProtection(_folder.Path);
        return new SqliteApiKeyStore(
            new SqliteStorageOptions { DataDirectory = _folder.Path },
            services.BuildServiceProvider().GetRequiredService<IDataProtectionProvider>(),
            TimeProvider.System);
    }
}
