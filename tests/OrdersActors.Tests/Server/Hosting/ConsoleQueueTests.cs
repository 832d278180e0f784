using OrdersActors.Server.Hosting;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Server.Hosting;

public sealed class ConsoleQueueTests : IDisposable
{
    private readonly BlockingConsole _console = new();

    public void Dispose() => _console.Dispose();

    [Fact]
    public async Task Lines_that_a_blocked_console_cannot_take_are_dropped_and_counted_once()
    {
        using var queue = new ConsoleQueue(_console, 10 * (ConsoleQueue.Overhead + (2 * "line 10".Length)));
        for (var i = 10; i < 40; i++)
        {
            queue.Add($"line {i}", Report);
        }

        _console.Unblock();
        await Eventually.Equal(
            [.. Enumerable.Range(10, 10).Select(i => $"line {i}"), "20 lost"], () => _console.Lines);
        queue.Add("last", Report);
        await Eventually.Equal(["20 lost", "last"], () => _console.Lines.TakeLast(2));
    }

    [Fact]
    public void Bound_counts_bytes_and_not_lines()
    {
        using var queue = new ConsoleQueue(_console, 1000);
        queue.Add(new string('a', 600), Report);
        queue.Add("short", Report);
        _console.Unblock();
        queue.Dispose();
        Assert.Equal(["short"], _console.Lines.Where(line => line == "short"));
        Assert.DoesNotContain(_console.Lines, line => line.Length == 600);
    }

    [Fact]
    public void Lines_queued_before_the_end_are_written()
    {
        _console.Unblock();
        var queue = new ConsoleQueue(_console, 100_000);
        for (var i = 0; i < 500; i++)
        {
            queue.Add($"{i}", Report);
        }

        queue.Dispose();
        Assert.Equal(Enumerable.Range(0, 500).Select(i => $"{i}"), _console.Lines);
    }

    private static string Report(long count) => $"{count} lost";

    private sealed class BlockingConsole : StringWriter
    {
        private readonly ManualResetEventSlim _open = new();
        private readonly List<string> _lines = [];

        public string[] Lines
        {
            get
            {
                lock (_lines)
                {
                    return [.. _lines];
                }
            }
        }

        public void Unblock() => _open.Set();

        public override void Write(string? value)
        {
            _open.Wait();
            lock (_lines)
            {
                _lines.Add(value!);
            }
        }

        protected override void Dispose(bool disposing)
        {
            _open.Dispose();
            base.Dispose(disposing);
        }
    }
}
