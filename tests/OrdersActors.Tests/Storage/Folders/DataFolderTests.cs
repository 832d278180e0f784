using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using OrdersActors.Storage.KeyRing;
using OrdersActors.Storage.Sqlite;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.Folders;

/// <summary>The data directory is private to its owner, whatever its permissions were before.</summary>
public sealed class DataFolderTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnersFolder = OwnerOnly | UnixFileMode.UserExecute;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly TempFolder _folder = new();

    public DataFolderTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");

    [Fact]
    public async Task Files_are_private_in_a_readable_folder_and_the_folder_becomes_private()
    {
        SetMode(_folder.Path, OwnersFolder | Others);
        await using var log = Open();
        Assert.NotEmpty(Directory.GetFiles(_folder.Path, "orders.db*"));
        Assert.All(Directory.GetFiles(_folder.Path), file => Assert.Equal(OwnerOnly, ModeOf(file)));
        Assert.Equal(OwnersFolder, ModeOf(_folder.Path));
    }

    [Fact]
    public async Task Readable_files_become_private()
    {
        await Open().DisposeAsync();
        foreach (var file in Directory.GetFiles(_folder.Path))
        {
            SetMode(file, OwnerOnly | Others);
        }

        await using var log = Open();
        Assert.All(Directory.GetFiles(_folder.Path, "orders.db*"), file => Assert.Equal(OwnerOnly, ModeOf(file)));
        Assert.Equal(OwnerOnly, ModeOf(Path.Combine(_folder.Path, "server.lock")));
    }

    [Fact]
    public async Task Folder_with_other_files_keeps_its_mode_and_its_files()
    {
        var other = Path.Combine(_folder.Path, "notes.txt");
        await File.WriteAllTextAsync(other, "mine", TestContext.Current.CancellationToken);
        SetMode(other, OwnerOnly | Others);
        SetMode(_folder.Path, OwnersFolder | Others);
        await using var log = Open();
        Assert.Equal(OwnersFolder | Others, ModeOf(_folder.Path));
        Assert.Equal(OwnerOnly | Others, ModeOf(other));
        Assert.Equal(OwnerOnly, ModeOf(Path.Combine(_folder.Path, "orders.db")));
    }

    [Fact]
    public void Key_ring_becomes_private()
    {
        var keyRing = Path.Combine(_folder.Path, "data-protection-keys");
        ProtectSomething();
        var key = Assert.Single(Directory.GetFiles(keyRing));
        SetMode(keyRing, OwnersFolder | Others);
        SetMode(key, OwnerOnly | Others);
        ProtectSomething();
        Assert.Equal(OwnersFolder, ModeOf(keyRing));
        Assert.Equal(OwnerOnly, ModeOf(key));
    }

    public void Dispose() => _folder.Dispose();

    private SqliteEventLog Open() => SqliteEventLog.Open(
        new SqliteStorageOptions { DataDirectory = _folder.Path }, TimeProvider.System,
        NullLogger<SqliteEventLog>.Instance);

    private void ProtectSomething()
    {
        var services = new ServiceCollection();
        services.AddOrderDataProtection(_folder.Path);
        using var provider = services.BuildServiceProvider();
        provider.GetRequiredService<IDataProtectionProvider>().CreateProtector("test").Protect("secret");
    }

    private static UnixFileMode ModeOf(string path) =>
        OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(path);

    private static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }
}
