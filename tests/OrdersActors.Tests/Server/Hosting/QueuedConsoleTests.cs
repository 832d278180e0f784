using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using OrdersActors.Server.Hosting;

namespace OrdersActors.Tests.Server.Hosting;

public sealed class QueuedConsoleTests
{
    [Fact]
    public void Json_line_has_the_time_in_utc_the_id_and_the_values()
    {
        var lines = Write("json", logger => logger.Log(
            LogLevel.Warning, new EventId(1302), [new("Feed", "o-1")], new InvalidOperationException("broken"),
            static (List<KeyValuePair<string, object?>> values, Exception? _) => $"Lost {values[0].Value}"));
        using var json = JsonDocument.Parse(Assert.Single(lines));
        var root = json.RootElement;
        Assert.Equal(1302, root.GetProperty("EventId").GetInt32());
        Assert.Equal("Warning", root.GetProperty("LogLevel").GetString());
        Assert.Equal("OrdersActors.Test", root.GetProperty("Category").GetString());
        Assert.Equal("Lost o-1", root.GetProperty("Message").GetString());
        Assert.Equal("o-1", root.GetProperty("State").GetProperty("Feed").GetString());
        Assert.Contains("broken", root.GetProperty("Exception").GetString(), StringComparison.Ordinal);
        var time = root.GetProperty("Timestamp").GetString()!;
        Assert.EndsWith("Z", time, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.Zero, DateTimeOffset.Parse(time, null).Offset);
    }

    [Fact]
    public void Text_line_begins_with_the_time_in_utc()
    {
        var line = Assert.Single(Write("text", logger => logger.Log(
            LogLevel.Information, new EventId(1630), "Started", null, static (text, _) => text)));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z .*info.*: OrdersActors\.Test\[1630\] Started$", line);
    }

    private static string[] Write(string format, Action<ILogger> log)
    {
        var options = LogOptions.Read(new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["OrdersActors:Log:Format"] = format }).Build());
        using var console = new StringWriter();
        using (var queue = new ConsoleQueue(console, options.MaxQueuedBytes))
        using (var loggers = LoggerFactory.Create(
            logging => ConsoleLogging.Add(logging, options, queue, new ServerPhase())))
        {
            log(loggers.CreateLogger("OrdersActors.Test"));
        }

        return console.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
