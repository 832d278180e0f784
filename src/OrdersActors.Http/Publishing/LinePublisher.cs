using Microsoft.AspNetCore.Http;
using OrdersActors.Http.Problems;
using OrdersActors.Publishing;

namespace OrdersActors.Http.Publishing;

/// <summary>
/// Publishes the JSON lines of one request while they arrive: reads a batch, stores it, reads the next one.
/// </summary>
/// <remarks>
/// <para><b>Batches.</b> A batch ends after <see cref="OrderEventRules.MaxBatch"/> events or
/// <see cref="MaxBatchBytes"/>, or when the next line has not arrived yet. So a slow client's events are stored at
/// once, and a fast client's events in large batches.</para>
/// <para><b>Memory.</b> One line, one batch and the reader's buffer. While a batch is being stored, at most the next
/// line is read, so the client waits: TCP carries the back-pressure to it.</para>
/// <para><b>A problem</b> ends the request. The events before it are stored, and the answer says with which line to
/// continue.</para>
/// Used by one request, which does one thing at a time.
/// </remarks>
internal sealed class LinePublisher : IAsyncDisposable
{
    /// <summary>The bytes of lines after which a batch ends.</summary>
    public const int MaxBatchBytes = 1024 * 1024;

    /// <summary>
    /// The memory that a request takes at most: the reader's buffer for two of the longest lines, and two MiB of lines
    /// in a batch as strings with two bytes for each character.
    /// </summary>
    public const int MaxMemory = 8 * 1024 * 1024;

    /// <summary>How long the next bytes may take.</summary>
    public static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(60);

    private readonly EventPublisher _publisher;
    private readonly string _organizationId;
    private readonly LineReader _lines;
    private readonly CancellationTokenSource _reading;
    private readonly List<OrderStatusEvent> _batch = [];
    private readonly List<long> _numbers = [];
    private readonly LineProgress _progress = new();
    private Task<ReadOnlyMemory<byte>?>? _pending;
    private bool _isEnd;

    public LinePublisher(EventPublisher publisher, string organizationId, Stream body, TimeProvider time)
    {
        (_publisher, _organizationId, _lines) = (publisher, organizationId, new LineReader(body));
        _reading = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
    }

    /// <summary>Publishes all lines.</summary>
    /// <exception cref="ProblemException">A line is refused, or reading or storing failed.</exception>
    public async Task<LineProgress> RunAsync(CancellationToken aborted)
    {
        while (!_isEnd)
        {
            var problem = await ReadBatchAsync();
            aborted.ThrowIfCancellationRequested();
            await StoreAsync(aborted);
            if (problem is not null)
            {
                throw Stopped(problem, problem.Line ?? _lines.Number + 1);
            }
        }

        return _progress.Stored + _progress.Repeats > 0
            ? _progress
            : throw new ProblemException(400, ProblemCode.InvalidEvent, "the body has no lines with events");
    }

    public async ValueTask DisposeAsync()
    {
        if (_pending is { } pending)
        {
            // A read that began while a batch was stored, which then failed.
            await _reading.CancelAsync();
            await ((Task)pending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _reading.Dispose();
    }

    /// <summary>Fills the batch. Returns the problem that ends the request after this batch, or null.</summary>
    private async Task<ProblemException?> ReadBatchAsync()
    {
        try
        {
            for (var bytes = 0; _batch.Count < OrderEventRules.MaxBatch && bytes < MaxBatchBytes;)
            {
                var reading = _pending is { } pending
                    ? new ValueTask<ReadOnlyMemory<byte>?>(pending)
                    : _lines.ReadAsync(_reading.Token);
                _pending = null;
                if (!reading.IsCompleted && _batch.Count > 0)
                {
                    _pending = reading.AsTask();
                    return null;
                }

                if (await WaitAsync(reading) is not { } line)
                {
                    _isEnd = true;
                    return null;
                }

                bytes += line.Length;
                Add(line.Span);
            }

            return null;
        }
        catch (Exception e) when (Describe(e) is { } problem)
        {
            return problem;
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>?> WaitAsync(ValueTask<ReadOnlyMemory<byte>?> reading)
    {
        if (reading.IsCompleted)
        {
            return await reading;
        }

        _reading.CancelAfter(IdleTimeout);
        var line = await reading;
        _reading.CancelAfter(Timeout.InfiniteTimeSpan);
        return line;
    }

    private void Add(ReadOnlySpan<byte> line)
    {
        if (line.IndexOfAnyExcept(" \t\r"u8) < 0)
        {
            return;
        }

        var input = OrderStatusEventJson.Parse(line);
        EventPublisher.CheckOrganization(input, _organizationId, line: _lines.Number);
        _batch.Add(input.Event);
        _numbers.Add(_lines.Number);
    }

    /// <summary>Stores the batch. If an event of it is refused, stores those before it.</summary>
    private async Task StoreAsync(CancellationToken aborted)
    {
        if (_batch.Count == 0)
        {
            return;
        }

        try
        {
            _progress.Add(await _publisher.PublishAsync(_organizationId, [.. _batch], aborted));
            _batch.Clear();
            _numbers.Clear();
        }
        catch (PublishFailedException)
        {
            throw Stopped(EventProblem.Unavailable(), _numbers[0]);
        }
        catch (ProblemException quota)
        {
            throw Stopped(quota, _numbers[0]);
        }
        catch (Exception e) when (EventRefusal.IndexOf(e) is { } index)
        {
            var line = _numbers[index];
            _batch.RemoveRange(index, _batch.Count - index);
            _numbers.RemoveRange(index, _numbers.Count - index);
            await StoreAsync(aborted);
            throw Stopped(EventProblem.Of(e, EventFields.Native, line: line), line);
        }
    }

    /// <summary>Returns the answer to a failed read, or null for a fault or a client that has left.</summary>
    private ProblemException? Describe(Exception e) => e switch
    {
        ProblemException problem => problem,
        BadLineException bad => new ProblemException(400, ProblemCode.InvalidEvent, bad.Problem) { Line = bad.Line },
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
            new ProblemException(413, ProblemCode.TooLarge, "the body is longer than the server's limit"),
        BadHttpRequestException bad =>
            new ProblemException(bad.StatusCode, ProblemCode.Of(bad.StatusCode), "the body is not valid HTTP"),
        OperationCanceledException when _reading.IsCancellationRequested =>
            new ProblemException(408, ProblemCode.Timeout, $"no bytes came for {IdleTimeout.TotalSeconds:0} s"),
        _ when EventProblem.Is(e) => EventProblem.Of(e, EventFields.Native, line: _lines.Number),
        _ => null,
    };

    private ProblemException Stopped(ProblemException problem, long nextLine)
    {
        var members = _progress.Members.ToDictionary(member => member.Name, member => (object?)member.Value);
        members["next_line"] = nextLine;
        return new ProblemException(problem.Status, problem.Code,
            $"{problem.Message}; the events before line {nextLine} are stored: continue with this line, or repeat the "
            + "whole request if every line has an id")
        {
            Field = problem.Field,
            Line = problem.Line,
            RetryAfter = problem.RetryAfter,
            Members = members,
        };
    }
}
