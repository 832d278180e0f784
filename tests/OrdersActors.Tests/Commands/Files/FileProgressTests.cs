using Microsoft.Extensions.Time.Testing;
using OrdersActors.Server.Commands.Files;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Commands.Files;

public sealed class FileProgressTests : IDisposable
{
    private const string EraseLine = "\r\u001b[K";

    private readonly FakeTimeProvider _time = new();
    private readonly StringWriter _written = new();
    private readonly MemoryStream _file = new(new byte[1000]);
    private readonly CancellationTokenSource _ended = new();
    private long _repeats;

    public void Dispose()
    {
        _ended.Dispose();
        _file.Dispose();
        _written.Dispose();
    }

    [Fact]
    public async Task Terminal_gets_a_bar_with_the_share_and_the_rate_that_is_erased_at_the_end()
    {
        _file.Position = 500;
        var reporting = Start(isTerminal: true, _file);
        await AdvanceUntilAsync(TimeSpan.FromMilliseconds(250), lines: 1);
        Assert.Equal(
            $"{EraseLine}[{new string('#', 15)}{new string('.', 15)}]  50 %  60 events, 240 events/s", Text);
        await _ended.CancelAsync();
        await reporting;
        Assert.EndsWith($"240 events/s{EraseLine}", Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Log_gets_a_line_every_two_seconds()
    {
        _file.Position = 500;
        var reporting = Start(isTerminal: false, _file);
        _time.Advance(TimeSpan.FromMilliseconds(1999));
        Assert.Empty(Text);
        await AdvanceUntilAsync(TimeSpan.FromMilliseconds(1), lines: 1);
        await AdvanceUntilAsync(TimeSpan.FromSeconds(2), lines: 2);
        await _ended.CancelAsync();
        await reporting;
        Assert.Equal(
            [
                "60 events so far, 30 events/s, 50 % of the file read",
                "60 events so far, 15 events/s, 50 % of the file read",
            ],
            Text.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData(true, 250, $"{EraseLine}60 events, 240 events/s")]
    [InlineData(false, 2000, "60 events so far, 30 events/s\n")]
    public async Task Share_of_a_pipe_is_unknown(bool isTerminal, int interval, string expected)
    {
        await using var pipe = new PipeStream();
        var reporting = Start(isTerminal, pipe);
        await AdvanceUntilAsync(TimeSpan.FromMilliseconds(interval), lines: 1);
        Assert.Equal(expected, Text.Replace(Environment.NewLine, "\n", StringComparison.Ordinal));
        await _ended.CancelAsync();
        await reporting;
    }

    [Fact]
    public async Task Repeats_are_counted_if_there_are_any()
    {
        var progress = Progress(isTerminal: false, _file);
        var reporting = progress.RunAsync(_ended.Token);
        Assert.EndsWith("events/s", progress.Summary(), StringComparison.Ordinal);
        _repeats = 7;
        await AdvanceUntilAsync(TimeSpan.FromSeconds(2), lines: 1);
        Assert.Equal(
            "60 events so far, 30 events/s, 7 repeats, 0 % of the file read", Text.TrimEnd());
        Assert.Equal("published 60 events in 2.00 s, 30 events/s, 7 repeats", progress.Summary());
        await _ended.CancelAsync();
        await reporting;
    }

    private string Text
    {
        get
        {
            lock (_written)
            {
                return _written.ToString();
            }
        }
    }

    private Task Start(bool isTerminal, Stream file) => Progress(isTerminal, file).RunAsync(_ended.Token);

    private FileProgress Progress(bool isTerminal, Stream file) =>
        new(new Locked(_written), isTerminal, file, () => 60, () => _repeats, _time);

    private async Task AdvanceUntilAsync(TimeSpan time, int lines)
    {
        _time.Advance(time);
        await Eventually.Holds(
            () => Text.Split("events/s").Length - 1 >= lines, () => $"{lines} lines are missing in: {Text}");
    }

    /// <summary>A writer that the test reads while it is written.</summary>
    private sealed class Locked(StringWriter written) : TextWriter
    {
        public override System.Text.Encoding Encoding => written.Encoding;

        public override void Write(char value)
        {
            lock (written)
            {
                written.Write(value);
            }
        }

        public override void Write(string? value)
        {
            lock (written)
            {
                written.Write(value);
            }
        }
    }

    /// <summary>A stream without a length, as a pipe.</summary>
    private sealed class PipeStream : MemoryStream
    {
        public override bool CanSeek => false;
    }
}
