using System.Globalization;
using Spectre.Console;

namespace OrdersActors.Server.Commands.Output;

/// <summary>
/// Reports the progress of a long command on standard error: on a terminal a bar with the rate and the remaining time,
/// otherwise a line every two seconds, for logs. May be counted from any thread.
/// </summary>
/// <param name="what">What is counted, such as <c>events</c>.</param>
/// <param name="time">The clock.</param>
internal sealed class CommandProgress(string what, TimeProvider time)
{
    private static readonly TimeSpan BarInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(2);

    private readonly long _startedAt = time.GetTimestamp();
    private long _done;
    private long _total;

    /// <summary>The number that is expected in all; 0 while it is unknown.</summary>
    public long Total
    {
        get => Volatile.Read(ref _total);
        set => Volatile.Write(ref _total, value);
    }

    /// <summary>The number so far.</summary>
    public long Done => Volatile.Read(ref _done);

    /// <summary>Counts further ones.</summary>
    public void Add(long count) => Interlocked.Add(ref _done, count);

    /// <summary>Runs the work and reports until it ends. Its failure is that of the work.</summary>
    public async Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        // The work may read and write without ever waiting.
        var running = Task.Run(work);
        if (Console.IsErrorRedirected)
        {
            await WriteLinesAsync(running, Console.Error);
        }
        else
        {
            await DrawAsync(running);
        }

        return await running;
    }

    /// <summary>The number, the rate, and the remaining time if the total is known.</summary>
    public string Describe()
    {
        var (done, total, seconds) = (Done, Total, time.GetElapsedTime(_startedAt).TotalSeconds);
        var rate = seconds > 0 ? done / seconds : 0;
        var text = total > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{done} of {total} {what}, {rate:0} per second")
            : string.Create(CultureInfo.InvariantCulture, $"{done} {what}, {rate:0} per second");
        return total > done && rate > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{text}, {Math.Ceiling((total - done) / rate):0} s left")
            : text;
    }

    /// <summary>The number, the duration and the rate, after the end.</summary>
    public string Summary()
    {
        var seconds = time.GetElapsedTime(_startedAt).TotalSeconds;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Done} {what} in {seconds:0.00} s, {(seconds > 0 ? Done / seconds : 0):0} per second");
    }

    /// <summary>Writes a line in each interval until the work ends.</summary>
    internal async Task WriteLinesAsync(Task work, TextWriter output)
    {
        using var timer = new PeriodicTimer(LineInterval, time);
        while (await Task.WhenAny(work, timer.WaitForNextTickAsync().AsTask()) != work)
        {
            await output.WriteLineAsync(Describe());
        }
    }

    private async Task DrawAsync(Task work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        await console.Progress()
            .AutoClear(true)
            .Columns(new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn())
            .StartAsync(async context =>
            {
                var bar = context.AddTask(what);
                while (!work.IsCompleted)
                {
                    bar.IsIndeterminate = Total == 0;
                    bar.MaxValue = Math.Max(1, Total);
                    bar.Value = Done;
                    bar.Description = Markup.Escape(Describe());
                    await Task.WhenAny(work, Task.Delay(BarInterval, time));
                }
            });
    }
}
