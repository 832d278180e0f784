namespace OrdersActors.Tests.Support;

/// <summary>A folder of the test's own.</summary>
public sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("orders-actors-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
