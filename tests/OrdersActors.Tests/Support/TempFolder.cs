namespace OrdersActors.Tests.Support;

/// <summary>A temporary folder of one test.</summary>
public sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("orders-actors-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
