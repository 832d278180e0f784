namespace OrdersActors.EndToEndTests.Commands;

/// <summary>A temporary file of one test, which deletes it at the end.</summary>
internal sealed class TempFile : IDisposable
{
    public TempFile(string text) => File.WriteAllText(Path, text);

    public string Path { get; } = System.IO.Path.Combine(
        System.IO.Path.GetTempPath(), $"orders-actors-{Guid.NewGuid():N}.json");

    public void Dispose() => File.Delete(Path);
}
