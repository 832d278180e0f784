namespace OrdersActors.Server.Hosting;

/// <summary>
/// The lines that wait for the console, bounded in bytes, and the thread that writes them. A thread that logs never
/// waits for the console. At the bound, lines are dropped and counted; a line in their place reports the number.
/// Thread-safe.
/// </summary>
internal sealed class ConsoleQueue : IDisposable
{
    /// <summary>The memory of a queued line besides its characters: the string's header, its place in lists.</summary>
    public const int Overhead = 48;

    // How long the end of the server waits for the last lines.
    private static readonly TimeSpan FlushTime = TimeSpan.FromSeconds(1);

    // Also wakes the writer, which a Lock could not.
    private readonly object _lock = new();
    private readonly TextWriter _console;
    private readonly int _maxBytes;
    private readonly Thread _writer;

    // All of these are used under the lock.
    private List<string> _waiting = [];
    private List<string> _taken = [];
    private int _bytes;
    private long _dropped;
    private Func<long, string>? _report;
    private bool _isEnding;

    /// <param name="console">Gets the lines. It may block.</param>
    /// <param name="maxBytes">Most bytes of lines that wait, the one that is being written included.</param>
    public ConsoleQueue(TextWriter console, int maxBytes)
    {
        _console = console;
        _maxBytes = maxBytes;
        // A dedicated background thread: a blocked write must neither occupy a pool thread nor keep the process alive.
        _writer = new Thread(WriteAll) { IsBackground = true, Name = "console log" };
        _writer.Start();
    }

    /// <summary>Queues a line. If it does not fit, drops and counts it.</summary>
    /// <param name="line">The line with its line break.</param>
    /// <param name="report">Makes a line about the number of dropped ones. Called under the lock.</param>
    public void Add(string line, Func<long, string> report)
    {
        lock (_lock)
        {
            var reported = _dropped > 0 ? report(_dropped) : null;
            if (_bytes + CostOf(line) + CostOf(reported) > _maxBytes)
            {
                _dropped++;
                _report = report;
                return;
            }

            if (reported is not null)
            {
                Enqueue(reported);
                _dropped = 0;
            }

            Enqueue(line);
            Monitor.Pulse(_lock);
        }
    }

    /// <summary>Waits until the lines are written, at most for a second.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isEnding = true;
            Monitor.Pulse(_lock);
        }

        _writer.Join(FlushTime);
    }

    private static int CostOf(string? line) => line is null ? 0 : (line.Length * sizeof(char)) + Overhead;

    private void Enqueue(string line)
    {
        _waiting.Add(line);
        _bytes += CostOf(line);
    }

    private void WriteAll()
    {
        while (TakeAll() is { } lines)
        {
            foreach (var line in lines)
            {
                Write(line);
                lock (_lock)
                {
                    _bytes -= CostOf(line);
                }
            }
        }
    }

    /// <summary>Waits for lines and takes them. Returns null at the end.</summary>
    private List<string>? TakeAll()
    {
        lock (_lock)
        {
            _taken.Clear();
            if (_waiting.Count == 0 && _dropped > 0)
            {
                // No further line has come, so the report does not wait for one.
                Enqueue(_report!(_dropped));
                _dropped = 0;
            }

            while (_waiting.Count == 0)
            {
                if (_isEnding)
                {
                    return null;
                }

                Monitor.Wait(_lock);
            }

            (_waiting, _taken) = (_taken, _waiting);
            return _taken;
        }
    }

    private void Write(string line)
    {
        try
        {
            _console.Write(line);
            _console.Flush();
        }
        catch (IOException)
        {
            // The reader has closed the pipe, so nobody would read an error message either.
        }
    }
}
