using OrdersActors.Publishing;
using OrdersActors.Server.Hosting;

namespace OrdersActors.Server.Commands.Files;

/// <summary>
/// Publishes a file. Each organization has its own lane, in which events keep the order of the file. The lanes run in
/// parallel, each with one batch in flight.
/// </summary>
/// <remarks>
/// <para><b>Path.</b> <see cref="LineReader"/> → <see cref="PublishedLine"/> → <see cref="FileLanes"/> →
/// <see cref="MaxBatches"/> workers → publisher. Memory is bounded in bytes by the reader and by the lanes.</para>
/// <para><b>An invalid line</b> stops the reader. The lines before it are published, and the message names the
/// line.</para>
/// <para><b>A refused event</b> (its id was used for different content) stops the reader and its lane. The events
/// before it are published.</para>
/// <para><b>If the server does not answer</b>, or the user presses <b>Ctrl+C</b>, no further batch is sent. After
/// Ctrl+C the batches in flight have one second to complete.</para>
/// <para>In all cases the message contains the number of stored events and the line to continue with.</para>
/// </remarks>
internal sealed class FilePublisher(IOrderStatusPublisher publisher, TimeProvider time) : IDisposable
{
    private const int MaxBatches = 16;

    // Must be shorter than the five seconds that the command line gives a cancelled command.
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _reading = new();
    private readonly CancellationTokenSource _sending = new();
    private readonly Lock _lock = new();

    // Under the lock: the problem to report. That is the one with the smallest line; failures without a line rank last,
    // and among those the first counts.
    private (long Line, string Message, int ExitCode)? _problem;

    // The workers add to it, and the progress reads it, with atomic operations.
    private long _repeats;

    /// <exception cref="StartupException">The file cannot be read.</exception>
    public static Stream Open(string path)
    {
        try
        {
            return path == "-"
                ? Console.OpenStandardInput()
                : new FileStream(
                    path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1, useAsync: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StartupException($"the file {path} cannot be read: {e.Message}");
        }
    }

    /// <summary>Publishes the lines, starting with <paramref name="fromLine"/>. Returns the exit code.</summary>
    public async Task<int> RunAsync(Stream file, long fromLine, CancellationToken cancellationToken)
    {
        var lanes = new FileLanes(fromLine);
        var progress = new FileProgress(
            Console.Error, !Console.IsErrorRedirected, file, () => lanes.Stored, () => Volatile.Read(ref _repeats),
            time);
        using var ended = new CancellationTokenSource();
        var reporting = progress.RunAsync(ended.Token);
        var workers = Task.WhenAll(Enumerable.Range(0, MaxBatches).Select(_ => Task.Run(() => WorkAsync(lanes))));
        await ReadAsync(file, fromLine, lanes, cancellationToken);
        await EndAsync(workers, lanes, cancellationToken);
        await ended.CancelAsync();
        await reporting;
        if (_problem is not var (_, message, exitCode))
        {
            Console.WriteLine(progress.Summary());
            return ServerCommandLine.Done;
        }

        await Console.Error.WriteLineAsync($"{message}; {progress.Summary()}; {lanes.GetState().Advice}");
        return exitCode;
    }

    public void Dispose()
    {
        _reading.Dispose();
        _sending.Dispose();
    }

    private async Task ReadAsync(Stream file, long fromLine, FileLanes lanes, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _reading.Token);
        var lines = new LineReader(file);
        try
        {
            while (await lines.ReadAsync(stop.Token) is { } line)
            {
                if (lines.Number >= fromLine)
                {
                    if (line.Span.IndexOfAnyExcept(" \t\r"u8) < 0)
                    {
                        lanes.Skip(lines.Number);
                    }
                    else
                    {
                        await lanes.AddAsync(PublishedLine.Parse(lines.Number, line), stop.Token);
                    }
                }
            }
        }
        catch (BadLineException e)
        {
            Report(lines.Number, e.Message, ServerCommandLine.Failed);
        }
        catch (IOException e)
        {
            Report(
                long.MaxValue, $"line {lines.Number + 1}: the file cannot be read: {e.Message}",
                ServerCommandLine.Failed);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Report(long.MaxValue, "cancelled", ServerCommandLine.Failed);
            lanes.Stop();
        }
        catch (OperationCanceledException)
        {
            // A worker has stopped the reader and reported the reason.
        }

        lanes.Complete();
    }

    private async Task EndAsync(Task workers, FileLanes lanes, CancellationToken cancellationToken)
    {
        try
        {
            await workers.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Report(long.MaxValue, "cancelled", ServerCommandLine.Failed);
            lanes.Stop();
            _sending.CancelAfter(EndTimeout);
            await workers;
        }
    }

    private async Task WorkAsync(FileLanes lanes)
    {
        while (await lanes.TakeAsync() is { } batch)
        {
            await PublishAsync(lanes, batch, batch.Events.Length);
        }
    }

    /// <summary>
    /// Publishes the first <paramref name="count"/> events of a batch. If one is refused, publishes those before it.
    /// </summary>
    private async Task PublishAsync(FileLanes lanes, FileBatch batch, int count)
    {
        try
        {
            var answers = await publisher.PublishAsync(batch.OrganizationId, batch.Events[..count], _sending.Token);
            Interlocked.Add(ref _repeats, answers.Count(answer => answer.IsRepeat));
            if (count == batch.Events.Length)
            {
                lanes.Succeeded(batch);
            }
            else
            {
                lanes.Failed(batch, count, isKnown: true);
            }
        }
        catch (Exception e) when (EventRefusal.IndexOf(e) is { } index)
        {
            var line = batch.Lines[index].Number;
            Report(line, $"line {line}: {EventRefusal.WithoutIndex(e)}", Refusals.ExitCode(e));
            await _reading.CancelAsync();
            await PublishAsync(lanes, batch, index);
        }
        catch (OperationCanceledException) when (_sending.IsCancellationRequested)
        {
            lanes.Failed(batch, stored: 0, isKnown: false);
        }
        catch (Exception e)
        {
            // The server is unreachable, or it failed for a reason that is not in the file's lines.
            Report(long.MaxValue, e.Message, ServerCommandLine.Failed);
            lanes.Failed(batch, stored: 0, isKnown: false);
            lanes.Stop();
            await _reading.CancelAsync();
        }
    }

    private void Report(long line, string message, int exitCode)
    {
        lock (_lock)
        {
            if (_problem is null || line < _problem.Value.Line)
            {
                _problem = (line, message, exitCode);
            }
        }
    }
}
