namespace OrdersActors.Server.Hosting;

/// <summary>
/// Writes to standard output or error and waits at most one second for the write to complete. A paused terminal, or a
/// pipe that nobody reads, blocks its writer without limit; this must delay neither the start nor the end of the
/// server. If somebody reads again while the process still runs, the text is written then.
/// </summary>
internal static class ConsoleText
{
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(1);

    public static void Write(TextWriter console, string text)
    {
        // A dedicated background thread: a blocked write must neither occupy a pool thread nor keep the process alive.
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
            // The reader has closed the pipe, so nobody would read an error message either.
        }
    }
}
