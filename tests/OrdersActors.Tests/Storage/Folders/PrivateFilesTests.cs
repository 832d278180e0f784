using System.Runtime.Versioning;
using OrdersActors.Storage.Folders;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.Folders;

[UnsupportedOSPlatform("windows")]
public sealed class PrivateFilesTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnersFolder = OwnerOnly | UnixFileMode.UserExecute;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly TempFolder _folder = new();

    public PrivateFilesTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");

    private string File => Path.Combine(_folder.Path, "file");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void New_file_and_new_folders_are_private()
    {
        PrivateFiles.Ensure(File);
        Assert.Equal(OwnerOnly, System.IO.File.GetUnixFileMode(File));
        var inner = Path.Combine(_folder.Path, "outer", "inner");
        PrivateFiles.CreateFolder(inner);
        Assert.Equal(OwnersFolder, System.IO.File.GetUnixFileMode(inner));
        using (new FileStream(File + "2", PrivateFiles.CreateOptions(FileMode.CreateNew, FileShare.None)))
        {
            Assert.Equal(OwnerOnly, System.IO.File.GetUnixFileMode(File + "2"));
        }
    }

    [Fact]
    public void Existing_file_loses_other_users_rights_and_keeps_its_content()
    {
        System.IO.File.WriteAllText(File, "content");
        System.IO.File.SetUnixFileMode(File, UnixFileMode.UserRead | Others);
        PrivateFiles.Ensure(File);
        Assert.Equal(UnixFileMode.UserRead, System.IO.File.GetUnixFileMode(File));
        Assert.Equal("content", System.IO.File.ReadAllText(File));
    }

    [Fact]
    public void Folder_is_restricted_and_a_missing_file_is_ignored()
    {
        System.IO.File.SetUnixFileMode(_folder.Path, OwnersFolder | Others);
        PrivateFiles.RestrictMode(_folder.Path);
        Assert.Equal(OwnersFolder, System.IO.File.GetUnixFileMode(_folder.Path));
        PrivateFiles.RestrictMode(File);
        Assert.False(System.IO.File.Exists(File));
    }
}
