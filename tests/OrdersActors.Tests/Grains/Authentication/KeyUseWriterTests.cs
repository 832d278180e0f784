using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Grains.Authentication;
using OrdersActors.Storage;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Grains.Authentication;

public sealed class KeyUseWriterTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly IOptions<AuthenticationOptions> _options = Options.Create(new AuthenticationOptions());
    private readonly RecordingLogger<KeyUseWriter> _logger = new();
    private readonly ConcurrentQueue<ApiKeyUse[]> _writes = [];
    private readonly KeyUses _uses;

    // Called before a write. It may fail.
    private Func<Task> _before = () => Task.CompletedTask;

    public KeyUseWriterTests() => _uses = new KeyUses(_options, _time);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Key_is_written_at_most_once_per_interval()
    {
        using var writer = await StartAsync();
        for (var i = 0; i < 4; i++)
        {
            _uses.Record("key");
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Empty(_writes);
        await AdvanceUntilAsync(() => _writes.Count == 1);
        Assert.Equal("key", Assert.Single(_writes.Single()).Key);
        // Without a use there is nothing to write.
        _time.Advance(_options.Value.KeyUseInterval);
        await writer.StopAsync(Cancelled);
        Assert.Single(_writes);
        Assert.Empty(_logger.Ids);
    }

    [Fact]
    public async Task Many_keys_are_written_in_parts()
    {
        using var writer = await StartAsync();
        for (var i = 0; i < 450; i++)
        {
            _uses.Record($"key-{i}");
        }

        await AdvanceUntilAsync(() => _writes.Sum(write => write.Length) == 450);
        Assert.All(_writes, write => Assert.InRange(write.Length, 1, 200));
        await writer.StopAsync(Cancelled);
    }

    [Fact]
    public async Task Write_that_fails_while_the_silo_stops_is_no_failure()
    {
        using var writer = CreateWriter();
        _uses.Record("key");
        await StopDuringFailure.AssertEndsAsync(
            writer, work => _before = work, () => _time.Advance(_options.Value.KeyUseInterval));
    }

    [Fact]
    public async Task Outage_is_logged_once_and_its_uses_are_written_afterwards()
    {
        var attempts = 0;
        _before = () =>
        {
            attempts++;
            throw new EventLogUnavailableException("the database is away");
        };
        using var writer = await StartAsync();
        _uses.Record("key");
        await AdvanceUntilAsync(() => attempts >= 3);
        Assert.Equal([1251], _logger.Ids);
        Assert.Contains("the database is away", _logger.Text, StringComparison.Ordinal);
        Assert.Empty(_writes);
        _before = () => Task.CompletedTask;
        await AdvanceUntilAsync(() => _logger.Ids.Length > 1);
        Assert.Equal([1251, 1253], _logger.Ids);
        Assert.Equal("key", Assert.Single(_writes.Single()).Key);
        await writer.StopAsync(Cancelled);
    }

    [Fact]
    public async Task Fault_is_logged_with_its_exception_and_does_not_end_the_service()
    {
        _before = () => throw new InvalidOperationException("a fault");
        using var writer = await StartAsync();
        _uses.Record("key");
        await AdvanceUntilAsync(() => _logger.Ids.Length > 0);
        Assert.Equal([1252], _logger.Ids);
        _before = () => Task.CompletedTask;
        await AdvanceUntilAsync(() => !_writes.IsEmpty);
        await writer.StopAsync(Cancelled);
    }

    [Fact]
    public async Task Stop_writes_the_last_uses()
    {
        using var writer = await StartAsync();
        _uses.Record("key");
        await writer.StopAsync(Cancelled);
        Assert.Equal("key", Assert.Single(_writes.Single()).Key);
    }

    [Fact]
    public async Task Stop_waits_for_a_hanging_storage_no_longer_than_its_deadline()
    {
        var asked = new TaskCompletionSource();
        _before = () =>
        {
            asked.TrySetResult();
            return new TaskCompletionSource().Task;
        };
        using var writer = await StartAsync();
        _uses.Record("key");
        var stop = writer.StopAsync(Cancelled);
        await asked.Task.WaitAsync(Cancelled);
        Assert.False(stop.IsCompleted);
        _time.Advance(Deadlines.StopKeyUses);
        await stop;
        Assert.Equal([1251], _logger.Ids);
    }

    private async Task<KeyUseWriter> StartAsync()
    {
        var writer = CreateWriter();
        await writer.StartAsync(Cancelled);
        return writer;
    }

    private KeyUseWriter CreateWriter()
    {
        var store = ScriptedProxy.Create<IApiKeyStore>((method, args) =>
        {
            Assert.Equal(nameof(IApiKeyStore.RecordUsesAsync), method.Name);
            return RecordAsync((IReadOnlyCollection<ApiKeyUse>)args[0]!);
        });
        return new KeyUseWriter(_uses, store, _options, _time, _logger);
    }

    private async Task RecordAsync(IReadOnlyCollection<ApiKeyUse> uses)
    {
        await _before();
        _writes.Enqueue([.. uses]);
    }

    private Task AdvanceUntilAsync(Func<bool> condition) => Eventually.Holds(
        () =>
        {
            _time.Advance(_options.Value.KeyUseInterval);
            return condition();
        },
        () => "the uses were not written");
}
