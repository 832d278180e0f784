using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using OrdersActors.Publishing;
using OrdersActors.Server.Hosting;

namespace OrdersActors.Server.Commands;

/// <summary>
/// Publishes a file. Each organization has its own lane in which events keep the order of the file; the lanes run side
/// by side, a batch at a time.
/// </summary>
/// <remarks>
/// Bounded: at most <see cref="MaxWaiting"/> events are read ahead and at most <see cref="MaxBatches"/> batches are on
/// their way. On a bad line the reading stops; what was read before it is published, and the line is named.
/// </remarks>
internal sealed class FilePublisher(IOrderStatusPublisher publisher) : IDisposable
{
    private const int MaxWaiting = 50_000;
    private const int MaxBatches = 16;

    private readonly ConcurrentDictionary<string, Lane> _lanes = new();
    private readonly SemaphoreSlim _waiting = new(MaxWaiting);
    private readonly SemaphoreSlim _batches = new(MaxBatches);
    private readonly CancellationTokenSource _failed = new();
    private long _published;

    /// <exception cref="StartupException">The file cannot be read.</exception>
    public static TextReader Open(string path)
    {
        try
        {
            return path == "-" ? Console.In : new StreamReader(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StartupException($"the file {path} cannot be read: {e.Message}");
        }
    }

    /// <summary>Publishes all lines; returns the exit code.</summary>
    public async Task<int> RunAsync(TextReader lines, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _failed.Token);
        var startedAt = Stopwatch.GetTimestamp();
        await using var progress = new Timer(_ => Report(startedAt), null, 2000, 2000);
        string? problem = null;
        try
        {
            problem = await ReadAsync(lines, stop.Token);
        }
        catch (OperationCanceledException) when (_failed.IsCancellationRequested)
        {
            // A lane failed; its own exception comes below.
        }

        try
        {
            await Task.WhenAll(_lanes.Values.Select(lane => lane.Publishing));
        }
        catch (Exception e) when (e is PublishFailedException or OrderOwnershipException or InvalidOrderEventException)
        {
            problem = e.Message;
        }

        var seconds = Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
        var summary = string.Create(
            CultureInfo.InvariantCulture, $"published {_published} events in {seconds:0.00} s, {_published / seconds:0} events/s");
        if (problem is null)
        {
            Console.WriteLine(summary);
            return 0;
        }

        await Console.Error.WriteLineAsync($"{problem}; {summary}");
        return 1;
    }

    public void Dispose()
    {
        _waiting.Dispose();
        _batches.Dispose();
        _failed.Dispose();
    }

    private async Task<string?> ReadAsync(TextReader lines, CancellationToken cancellationToken)
    {
        for (var number = 1L; await lines.ReadLineAsync(cancellationToken) is { } line; number++)
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            PublishedLine parsed;
            try
            {
                parsed = PublishedLine.Parse(line);
            }
            catch (InvalidOrderEventException e)
            {
                return $"line {number}: {e.Message}";
            }

            await _waiting.WaitAsync(cancellationToken);
            Enqueue(parsed);
        }

        return null;
    }

    private void Enqueue(PublishedLine line)
    {
        var lane = _lanes.GetOrAdd(line.OrganizationId, static _ => new Lane());
        lock (lane)
        {
            lane.Events.Enqueue(line.Event);
            if (!lane.IsPublishing)
            {
                lane.IsPublishing = true;
                // One after the other: a lane that failed stays failed.
                lane.Publishing = PublishAsync(line.OrganizationId, lane, lane.Publishing);
            }
        }
    }

    private async Task PublishAsync(string organizationId, Lane lane, Task before)
    {
        await before;
        while (true)
        {
            await _batches.WaitAsync(_failed.Token).ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            try
            {
                if (Take(lane) is not { Count: > 0 } batch)
                {
                    return;
                }

                await publisher.PublishAsync(organizationId, batch, _failed.Token);
                Interlocked.Add(ref _published, batch.Count);
                _waiting.Release(batch.Count);
            }
            catch
            {
                await _failed.CancelAsync();
                throw;
            }
            finally
            {
                _batches.Release();
            }
        }
    }

    private static List<OrderStatusEvent> Take(Lane lane)
    {
        lock (lane)
        {
            var batch = new List<OrderStatusEvent>(Math.Min(lane.Events.Count, OrderEventRules.MaxBatch));
            while (batch.Count < OrderEventRules.MaxBatch && lane.Events.TryDequeue(out var e))
            {
                batch.Add(e);
            }

            lane.IsPublishing = batch.Count > 0;
            return batch;
        }
    }

    private void Report(long startedAt)
    {
        var published = Interlocked.Read(ref _published);
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{published} events so far, {published / Stopwatch.GetElapsedTime(startedAt).TotalSeconds:0} events/s"));
    }

    private sealed class Lane
    {
        public Queue<OrderStatusEvent> Events { get; } = [];

        public bool IsPublishing { get; set; }

        public Task Publishing { get; set; } = Task.CompletedTask;
    }
}
