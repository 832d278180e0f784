using Microsoft.Extensions.Time.Testing;
using OrdersActors.Grains.Epochs;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Grains.Epochs;

public sealed class FeedHeadTests
{
    private readonly TestLog _log = new(null!);
    private readonly FeedHead _head;
    private FeedPosition _passedOn = new(5);
    private int _discarded;

    public FeedHeadTests() => _head = new FeedHead(
        new FeedKey("shop", null), _log, new LogEpochs(_log, new FakeTimeProvider()), () =>
        {
            _discarded++;
            _passedOn = default;
        });

    [Theory]
    [InlineData(5)]
    [InlineData(7)]
    public async Task Newest_number_is_returned_with_its_epoch(long newest) =>
        Assert.Equal((newest, "epoch-1"), await ReadAsync(() => newest));

    [Fact]
    public async Task Number_of_an_epoch_that_ended_during_the_read_is_read_again()
    {
        var reads = 0;
        var (number, epoch) = await ReadAsync(() =>
        {
            if (++reads == 1)
            {
                _log.BeginEpochAsync("epoch-1", "test");
            }

            return reads;
        });
        Assert.Equal((2, "epoch-2", 1), (number, epoch, _discarded));
    }

    [Fact]
    public async Task Log_that_is_behind_an_event_that_was_passed_on_begins_a_new_epoch()
    {
        Assert.Equal((null, "epoch-2"), await ReadAsync(() => null));
        Assert.Equal(1, _discarded);
    }

    [Fact]
    public async Task Epoch_that_keeps_changing_makes_the_log_unavailable() =>
        await Assert.ThrowsAsync<EventLogUnavailableException>(() => ReadAsync(() =>
        {
            _log.BeginEpochAsync(_log.Epoch, "test");
            return 7;
        }));

    private Task<(long? Number, string Epoch)> ReadAsync(Func<long?> read) =>
        _head.ReadAsync(() => Task.FromResult(read()), () => _passedOn);
}
