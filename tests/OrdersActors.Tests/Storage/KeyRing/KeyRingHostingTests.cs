using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using OrdersActors.Storage;
using OrdersActors.Storage.KeyRing;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.Storage.Sqlite;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.KeyRing;

/// <summary>The key ring with and without a certificate, in the data directory and in PostgreSQL.</summary>
public sealed class KeyRingHostingTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Password = "a-certificate-s-password";
    private const string Setting = "OrdersActors:KeyRing:CertificateFile";

    private static readonly X509Certificate2 Old = Certificate(years: 0);
    private static readonly X509Certificate2 New = Certificate(years: 1);

    private readonly TempFolder _folder = new();
    private PostgresDatabase? _database;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Certificate_encrypts_all_keys_and_only_its_owner_reads_the_secrets(bool inPostgres)
    {
        var with = await OpenAsync(inPostgres, Options(Old));
        var created = await with.Keys.CreateAsync("shop", Cancelled);
        Assert.True(await IsEncryptedAsync(inPostgres));

        var again = await OpenAsync(inPostgres, Options(Old));
        again.Services.CheckKeyRing();
        Assert.Equal(created.Secret, (await again.Keys.FindAsync(created.Key, Cancelled))!.Secrets[0].Value);

        foreach (var options in new[] { new KeyRingOptions(), Options(New) })
        {
            var (keys, services) = await OpenAsync(inPostgres, options);
            Assert.Contains(
                Setting, Assert.Throws<StorageException>(services.CheckKeyRing).Message, StringComparison.Ordinal);
            var e = await Assert.ThrowsAsync<EventLogUnavailableException>(
                () => keys.FindAsync(created.Key, Cancelled));
            Assert.Contains(Setting, e.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Keys_from_before_the_certificate_stay_readable(bool inPostgres)
    {
        var created = await (await OpenAsync(inPostgres, new KeyRingOptions())).Keys.CreateAsync("shop", Cancelled);
        Assert.False(await IsEncryptedAsync(inPostgres));
        var (keys, services) = await OpenAsync(inPostgres, Options(Old));
        services.CheckKeyRing();
        Assert.Equal(created.Secret, (await keys.FindAsync(created.Key, Cancelled))!.Secrets[0].Value);
    }

    [Fact]
    public async Task Certificate_is_replaced_by_adding_the_next_one()
    {
        var created = await (await OpenAsync(false, Options(Old))).Keys.CreateAsync("shop", Cancelled);
        var (keys, services) = await OpenAsync(false, Options(Old, New));
        services.CheckKeyRing();
        Assert.Equal(created.Secret, (await keys.FindAsync(created.Key, Cancelled))!.Secrets[0].Value);
        Assert.Equal(
            [New.Thumbprint, Old.Thumbprint],
            KeyRingCertificates.Load(Files(Old, New), Password).Select(c => c.Thumbprint));
    }

    [Fact]
    public void Unusable_certificate_file_is_reported_in_one_line_that_names_the_setting()
    {
        var missing = Path.Combine(_folder.Path, "missing.pfx");
        Assert.Equal($"{Setting}: {missing} does not exist", Refused(missing, Password));
        Assert.Equal($"{Setting}: {_folder.Path} cannot be read", Refused(_folder.Path, Password));

        var file = File(Old);
        Assert.Equal(
            $"OrdersActors:KeyRing:CertificatePassword is not the password of {file}", Refused(file, "hush-hush"));
        Assert.Equal($"OrdersActors:KeyRing:CertificatePassword is not the password of {file}", Refused(file, null));

        var text = Path.Combine(_folder.Path, "text.pfx");
        System.IO.File.WriteAllText(text, "no certificate");
        Assert.Equal($"{Setting}: {text} is not a PKCS#12 file", Refused(text, Password));

        using var withoutKey = X509CertificateLoader.LoadCertificate(Old.RawData);
        var open = File(withoutKey);
        Assert.Equal($"{Setting}: {open} holds no certificate with an RSA private key", Refused(open, Password));
    }

    [Fact]
    public async Task Real_server_without_its_certificate_says_so_in_one_line_and_ends()
    {
        await using var with = ServerProcess.Create(Settings(File(Old), Password));
        await with.CreateKeyAsync("shop");
        await EndsWithAsync(Settings(null, null), $"not in {Setting}");
        await EndsWithAsync(Settings(File(Old), "hush-hush"), "OrdersActors:KeyRing:CertificatePassword");
        await EndsWithAsync(Settings("missing.pfx", Password), $"{Setting}: missing.pfx does not exist");
    }

    private static async Task EndsWithAsync(ServerSettings settings, string reason)
    {
        await using var server = ServerProcess.Create(settings);
        var result = await server.RunAsync("serve");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(reason, Assert.Single(result.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.DoesNotContain("hush-hush", result.Error + result.Output, StringComparison.Ordinal);
    }

    private static string Refused(string file, string? password) =>
        Assert.Throws<StorageException>(() => KeyRingCertificates.Load(file, password)).Message;

    private static X509Certificate2 Certificate(int years)
    {
        using var key = RSA.Create(2048);
        var now = DateTimeOffset.UtcNow.AddYears(years);
        return new CertificateRequest("CN=orders", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(now, now.AddYears(10));
    }

    private string File(X509Certificate2 certificate)
    {
        var file = Path.Combine(_folder.Path, $"{Guid.NewGuid():N}.pfx");
        System.IO.File.WriteAllBytes(file, certificate.Export(X509ContentType.Pkcs12, Password));
        return file;
    }

    private string Files(params X509Certificate2[] certificates) => string.Join(", ", certificates.Select(File));

    private KeyRingOptions Options(params X509Certificate2[] certificates) =>
        new() { CertificateFile = Files(certificates), CertificatePassword = Password };

    private ServerSettings Settings(string? file, string? password) => new()
    {
        Environment = "Production",
        DataDirectory = Path.Combine(_folder.Path, "server"),
        Variables =
        {
            ["OrdersActors__KeyRing__CertificateFile"] = file ?? "",
            ["OrdersActors__KeyRing__CertificatePassword"] = password ?? "",
        },
    };

    /// <summary>Opens the keys and the key ring as another process would.</summary>
    private async Task<(IApiKeyStore Keys, IServiceProvider Services)> OpenAsync(
        bool inPostgres, KeyRingOptions options)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        if (!inPostgres)
        {
            services.AddOrderDataProtection(_folder.Path).ProtectKeyRing(options);
            var provider = services.BuildServiceProvider();
            return (
                new SqliteApiKeyStore(
                    new SqliteStorageOptions { DataDirectory = _folder.Path },
                    provider.GetRequiredService<IDataProtectionProvider>(),
                    TimeProvider.System),
                provider);
        }

        _database ??= await postgres.CreateDatabaseAsync();
        var storage = new PostgresStorageOptions { ConnectionString = $"{_database.ConnectionString};Pooling=false" };
        services.AddOrderDataProtection(storage).ProtectKeyRing(options);
        var protection = services.BuildServiceProvider();
        return (
            await PostgresApiKeyStore.OpenAsync(
                storage, protection.GetRequiredService<IDataProtectionProvider>(), TimeProvider.System,
                cancellationToken: Cancelled),
            protection);
    }

    /// <summary>
    /// Whether the only key of the ring is stored encrypted. Then no part of it is stored in clear text.
    /// </summary>
    private async Task<bool> IsEncryptedAsync(bool inPostgres)
    {
        var xml = inPostgres
            ? await _database!.SqlAsync("SELECT element FROM orders_actors.key_ring")
            : await System.IO.File.ReadAllTextAsync(
                Assert.Single(Directory.GetFiles(Path.Combine(_folder.Path, "data-protection-keys"))), Cancelled);
        var isEncrypted = xml.Contains("<EncryptedData", StringComparison.Ordinal);
        Assert.NotEqual(isEncrypted, xml.Contains("masterKey", StringComparison.Ordinal));
        return isEncrypted;
    }
}
