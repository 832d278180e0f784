using Microsoft.Extensions.Time.Testing;
using OrdersActors.Publishing.Streams;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Publishing.Streams;

public sealed class StoreCallTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _calls = [];
    private readonly Dictionary<string, OrderEvent> _log = [];
    private readonly IEventWriterGrain _writer;
    private readonly StoreCall _store;
    private bool _isOld;

    public StoreCallTests()
    {
        _store = new StoreCall(_time);
        _writer = ScriptedProxy.Create<IEventWriterGrain>((method, arguments) =>
        {
            _calls.Add(method.Name);
            return method.Name switch
            {
                nameof(IEventWriterGrain.Store) when _isOld => throw new TypeLoadException("Store"),
                nameof(IEventWriterGrain.Store) => Task.FromResult(Append((OrderStatusEvent[])arguments[1]!)),
                nameof(IEventWriterGrain.Append) => Task.FromResult(Append((OrderStatusEvent[])arguments[1]!)),
                _ => Task.FromResult(_log.GetValueOrDefault((string)arguments[1]!)),
            };
        });
    }

    [Fact]
    public async Task Answer_of_the_silo_is_returned()
    {
        Assert.Equal([new("e-1", 1, 1, IsRepeat: false), new PublishedEvent("e-1", 1, 1, IsRepeat: true)],
            await StoreAsync("e-1", "e-1"));
        Assert.Equal(["Store"], _calls);
    }

    [Fact]
    public async Task Silo_of_a_previous_version_gives_the_same_answer()
    {
        await StoreAsync("e-1");
        _isOld = true;
        var answer = await StoreAsync("e-2", "e-1", "e-2", "e-3");
        Assert.Equal(
            [
                new("e-2", 2, 2, IsRepeat: false), new("e-1", 1, 1, IsRepeat: true),
                new("e-2", 2, 2, IsRepeat: true), new PublishedEvent("e-3", 3, 3, IsRepeat: false),
            ],
            answer);
    }

    [Fact]
    public async Task Large_batch_is_answered_in_its_order_by_a_silo_of_a_previous_version()
    {
        _isOld = true;
        string[] ids = [.. Enumerable.Range(1, OrderEventRules.MaxBatch).Select(i => $"e-{i}")];
        var answer = await StoreAsync(ids);
        Assert.Equal(ids, answer.Select(e => e.Id));
        Assert.Equal(ids.Length, answer[^1].Sequence);
    }

    [Fact]
    public async Task Method_that_a_silo_does_not_know_is_tried_again_after_a_minute()
    {
        _isOld = true;
        await StoreAsync("e-1");
        await StoreAsync("e-2");
        Assert.Equal(1, _calls.Count(call => call == "Store"));
        _isOld = false;
        _time.Advance(TimeSpan.FromMinutes(1));
        _calls.Clear();
        await StoreAsync("e-3");
        Assert.Equal(["Store"], _calls);
    }

    private Task<PublishedEvent[]> StoreAsync(params string[] ids) => _store.StoreAsync(
        _writer, "shop", [.. ids.Select(id => new OrderStatusEvent { OrderId = "o-1", Status = "s", Id = id })]);

    private PublishedEvent[] Append(OrderStatusEvent[] events) => Array.ConvertAll(events, e =>
    {
        var isNew = _log.TryAdd(e.Id, FakeLog.Event(_log.Count + 1) with { Id = e.Id });
        return new PublishedEvent(e.Id, _log[e.Id].Version, _log[e.Id].Sequence, !isNew);
    });
}
