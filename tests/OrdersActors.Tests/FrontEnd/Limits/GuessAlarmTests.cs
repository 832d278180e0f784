using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Limits;

public sealed class GuessAlarmTests
{
    private static readonly IPAddress First = IPAddress.Parse("192.0.2.1");

    private readonly FakeTimeProvider _time = new();
    private readonly RecordingLogger<GuessAlarm> _log = new();
    private readonly GuessAlarm _alarm;

    public GuessAlarmTests() => _alarm = new GuessAlarm(_time, _log);

    [Fact]
    public void Many_guesses_cause_one_warning_per_minute_with_their_count()
    {
        for (var i = 0; i < 100; i++)
        {
            _alarm.Limited(GuessTarget.Order, GuessScope.Address, First, "shop");
        }

        Assert.Equal([1344], _log.Ids);
        Assert.Equal([LogLevel.Warning], _log.Levels);
        Assert.Contains("limited 1 guesses", _log.Text, StringComparison.Ordinal);
        Assert.Contains("Order and came from 192.0.2.1, organization shop", _log.Text, StringComparison.Ordinal);
        _time.Advance(GuessAlarm.WarningInterval);
        _alarm.Limited(GuessTarget.ApiKey, GuessScope.Connection, First, organizationId: null);
        Assert.Equal([1344, 1344], _log.Ids);
        Assert.Contains("limited 100 guesses", _log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_limited_guess_is_counted_with_its_target_and_scope()
    {
        var counted = new List<string>();
        using var meter = new MeterListener();
        meter.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "orders_actors.guesses_limited")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        meter.SetMeasurementEventCallback<long>((_, count, tags, _) =>
            counted.Add($"{count} {tags[0].Key}={tags[0].Value} {tags[1].Key}={tags[1].Value}"));
        meter.Start();
        _alarm.Limited(GuessTarget.ApiKey, GuessScope.Connection, First, organizationId: null);
        _alarm.Limited(GuessTarget.Order, GuessScope.Address, First, "shop");
        _alarm.Limited(GuessTarget.Order, GuessScope.Key, address: null, "shop");
        Assert.Equal(
            ["1 target=api_key scope=connection", "1 target=order scope=address", "1 target=order scope=key"],
            counted);
    }
}
