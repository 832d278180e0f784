namespace OrdersActors.Server.Hosting;

/// <summary>
/// Writes to standard output or error for at most a second. A terminal that is paused, or a pipe that nobody reads, blocks its
/// writer for ever, and a server must neither start nor end later for it. The text is written when somebody reads again,
/// if the process lives so long.
/// </summary>
internal static class ConsoleText
{
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(1);

    public static void Write(TextWriter console, string text)
    {
        // A thread of its own, in the background: it must hold up neither the thread pool nor the end of the process.
        var writer = new Thread(() => WriteQuietly(console, text)) { IsBackground = true, Name = "console" };
        writer.Start();
        writer.Join(MaxTime);
    }

    private static void WriteQuietly(TextWriter console, string text)
    {
        try
        {
            console.WriteLine(text);
            console.Flush();
        }
        catch (IOException)
        {
            // The reader has closed its end, and nobody is left to read why.
        }
    }
}
