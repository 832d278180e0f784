using System.Diagnostics.Metrics;
using OrdersActors.Storage.EventLog;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.EventLog;

public sealed class PendingAppendTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public void Append_has_its_partition_and_the_normal_form_of_its_events()
    {
        var append = Create(Event("e-1") with { Details = """{ "a" : 1 }""" });
        Assert.Equal("""{"a":1}""", append.Events[0].Details);
        Assert.Equal(("shop", OrganizationPartition.Of("shop", 8)), (append.OrganizationId, append.Partition));
    }

    [Fact]
    public void Invalid_append_is_rejected_before_it_waits()
    {
        Assert.Throws<InvalidOrderEventException>(() => Create());
        Assert.Throws<InvalidOrderEventException>(() => Create(Event("")));
        var e = Assert.Throws<EventConflictException>(
            () => Create(Event("e-1"), Event("e-2"), Event("e-1") with { Status = "other" }));
        Assert.Equal((2, "status"), (e.Index, e.Field));
        Assert.Throws<OperationCanceledException>(
            () => PendingAppend.Create("shop", 8, [Event("e-1")], new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task Only_new_events_are_needed_and_all_are_answered_in_order()
    {
        var append = Create(Event("known"), Event("new"), Event("new"), Event("known"));
        Assert.Equal([true, true, false, false], Needed(append));
        append.SetKnown(0, Stored("known", 1));
        Assert.Equal([false, true, false, false], Needed(append));
        append.SetStored(1, Stored("new", 2));
        var counted = CountDuplicates(append.Complete);
        var answer = await append.Answer;
        Assert.Equal([1L, 2L, 2L, 1L], answer.Select(e => e.Sequence));
        Assert.Equal([true, false, true, true], Enumerable.Range(0, 4).Select(answer.IsRepeat));
        Assert.Equal(3, counted);
    }

    [Fact]
    public async Task Known_event_with_other_content_is_a_conflict_and_rejected_duplicates_are_not_counted()
    {
        var append = Create(Event("e-1"), Event("e-1"), Event("e-2"));
        append.SetKnown(0, Stored("e-1", 1));
        var e = Assert.Throws<EventConflictException>(
            () => append.SetKnown(2, Stored("e-2", 2) with { OrderId = "other" }));
        Assert.Equal((2, "order_id", "other"), (e.Index, e.Field, e.StoredOrderId));
        Assert.Equal(0, CountDuplicates(() => append.Reject(e)));
        Assert.True(append.IsRejected);
        Assert.Same(e, await Assert.ThrowsAsync<EventConflictException>(() => append.Answer));
    }

    private static IEnumerable<bool> Needed(PendingAppend append) =>
        Enumerable.Range(0, append.Events.Count).Select(append.Needs);

    [Fact]
    public void Time_from_the_arrival_to_the_commit_is_recorded_once_for_each_append()
    {
        using var recorder = new StageRecorder();
        var append = Create(Event("e-1"), Event("e-2"));
        append.SetStored(0, Stored("e-1", 1));
        append.SetStored(1, Stored("e-2", 2));
        Assert.Empty(recorder.Stages);
        append.Complete();
        Assert.True(Assert.Single(recorder.Of("commit")) > 0);
    }

    private static PendingAppend Create(params OrderStatusEvent[] events) =>
        PendingAppend.Create("shop", 8, events, Cancelled);

    private static OrderStatusEvent Event(string id) => new() { OrderId = "o", Id = id, Status = "s" };

    private static OrderEvent Stored(string id, long number) =>
        EventRow.Numbered(Event(id), "shop", number, number, "epoch");

    private static long CountDuplicates(Action action)
    {
        var counted = 0L;
        using var meter = new MeterListener();
        meter.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "orders_actors.duplicates_dropped")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        // Other tests' logs may still count on their own threads.
        var thread = Environment.CurrentManagedThreadId;
        meter.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            if (Environment.CurrentManagedThreadId == thread)
            {
                Assert.Equal(new KeyValuePair<string, object?>("hop", "log"), tags[0]);
                counted += count;
            }
        });
        meter.Start();
        action();
        return counted;
    }
}
