using System.Globalization;

namespace OrdersActors.Server.Commands.Files;

/// <summary>
/// Reports the progress of publishing a file. On a terminal it draws a bar and redraws it four times a second.
/// Otherwise it writes a line every two seconds, for logs.
/// </summary>
/// <param name="output">Standard error.</param>
/// <param name="isTerminal">Whether the output is a terminal.</param>
/// <param name="file">The file; its length is not known if it is a pipe.</param>
/// <param name="stored">Returns the number of stored events.</param>
/// <param name="repeats">Returns how many of them had already been stored under their ids.</param>
/// <param name="time">The clock.</param>
internal sealed class FileProgress(
    TextWriter output, bool isTerminal, Stream file, Func<long> stored, Func<long> repeats, TimeProvider time)
{
    private const int BarWidth = 30;
    private const string EraseLine = "\r\u001b[K";

    private static readonly TimeSpan BarInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(2);

    private readonly long _startedAt = time.GetTimestamp();
    private readonly long? _length = file.CanSeek ? file.Length : null;

    /// <summary>Reports until it is cancelled. On a terminal it then erases the bar.</summary>
    public async Task RunAsync(CancellationToken ended)
    {
        using var timer = new PeriodicTimer(isTerminal ? BarInterval : LineInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(ended))
            {
                await output.WriteAsync(isTerminal ? EraseLine + Bar() : Line() + Environment.NewLine);
                await output.FlushAsync(CancellationToken.None);
            }
        }
        catch (OperationCanceledException)
        {
            if (isTerminal)
            {
                await output.WriteAsync(EraseLine);
            }
        }
    }

    /// <summary>Returns the number of stored events, the elapsed time, the rate and the number of repeats.</summary>
    public string Summary()
    {
        var seconds = time.GetElapsedTime(_startedAt).TotalSeconds;
        return Text($"published {stored()} events in {seconds:0.00} s, {Rate(seconds):0} events/s{Repeats()}");
    }

    private string Line() =>
        Text($"{stored()} events so far, {Rate(Seconds):0} events/s{Repeats()}{Percent(", {0} % of the file read")}");

    private string Bar()
    {
        var text = Text($"{stored()} events, {Rate(Seconds):0} events/s{Repeats()}");
        if (Share() is not { } share)
        {
            return text;
        }

        var filled = (int)(share * BarWidth);
        return $"[{new string('#', filled)}{new string('.', BarWidth - filled)}]{Percent(" {0,3} %")}  {text}";
    }

    private string Repeats() => repeats() is > 0 and var count ? Text($", {count} repeats") : "";

    private double Seconds => time.GetElapsedTime(_startedAt).TotalSeconds;

    private double Rate(double seconds) => seconds > 0 ? stored() / seconds : 0;

    /// <summary>
    /// Returns the share of the file that was read, or null for a pipe. It exceeds the share that is stored by at most
    /// the limit of the lanes.
    /// </summary>
    private double? Share() => _length is > 0 and var length ? Math.Min(1, (double)file.Position / length) : null;

    private string Percent(string format) =>
        Share() is { } share ? string.Format(CultureInfo.InvariantCulture, format, (int)(share * 100)) : "";

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
