using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using OrdersActors.Storage;
using OrdersActors.Storage.KeyRing;
using OrdersActors.Storage.Sqlite;
using OrdersActors.Tests.Storage.ApiKeys;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.Sqlite;

public sealed class SqliteApiKeyStoreTests : ApiKeyStoreContract, IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Keys_work_beside_an_open_log_and_the_secret_is_nowhere_on_the_disk()
    {
        await using var log = SqliteEventLog.Open(
            new SqliteStorageOptions { DataDirectory = _folder.Path }, TimeProvider.System,
            NullLogger<SqliteEventLog>.Instance);
        var key = await (await OpenAsync()).CreateAsync("shop", Cancelled);
        await log.AppendAsync("shop", [new OrderStatusEvent { OrderId = "o", Status = "s" }], Cancelled);
        var secret = Encoding.UTF8.GetBytes(key.Secret);
        foreach (var file in Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories)
            .Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[stream.Length];
            await stream.ReadExactlyAsync(bytes, Cancelled);
            Assert.True(bytes.AsSpan().IndexOf(secret) < 0, $"the secret is in {file}");
        }
    }

    protected override Task<IApiKeyStore> OpenAsync()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddOrderDataProtection(_folder.Path);
        return Task.FromResult<IApiKeyStore>(new SqliteApiKeyStore(
            new SqliteStorageOptions { DataDirectory = _folder.Path },
            services.BuildServiceProvider().GetRequiredService<IDataProtectionProvider>(),
            TimeProvider.System));
    }
}
