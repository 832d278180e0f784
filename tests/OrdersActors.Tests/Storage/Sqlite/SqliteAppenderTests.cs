using OrdersActors.Storage.Sqlite;
using static OrdersActors.Tests.Storage.Sqlite.SqliteTestDatabase;

namespace OrdersActors.Tests.Storage.Sqlite;

public sealed class SqliteAppenderTests : IDisposable
{
    private readonly SqliteTestDatabase _test = new();

    private SqliteAppender Appender => _test.Appender;

    public void Dispose() => _test.Dispose();

    [Fact]
    public void New_events_are_numbered_and_the_newest_position_is_returned()
    {
        Assert.Equal(
            [(1L, 1L), (2L, 1L), (3L, 2L)],
            _test.Store("shop", Event("a", "1"), Event("b", "2"), Event("a", "3"))
                .Select(e => (e.Sequence, e.Version)));
        Appender.Begin();
        Assert.Equal(5, Appender.Append(Append("shop", Event("a", "4"), Event("c", "5"))));
        Appender.Commit();
    }

    [Fact]
    public async Task Known_events_get_no_number_and_an_append_without_a_new_event_has_no_position()
    {
        var first = _test.Store("shop", Event("a", "1"));
        Appender.Begin();
        var append = Append("shop", Event("a", "1"), Event("a", "1"));
        Assert.Equal(0, Appender.Append(append));
        Appender.Commit();
        append.Complete();
        Assert.Equal([first[0], first[0]], await append.Answer);
        Assert.Equal([1L, 2L], _test.Store("shop", Event("a", "1"), Event("a", "2")).Select(e => e.Version));
    }

    [Fact]
    public async Task Appends_of_one_transaction_see_each_other()
    {
        Appender.Begin();
        var (first, second) = (Append("shop", Event("new", "1")), Append("shop", Event("new", "1"), Event("new", "2")));
        Appender.Append(first);
        Appender.Append(second);
        Appender.Commit();
        second.Complete();
        Assert.Equal([1L, 2L], (await second.Answer).Select(e => e.Version));
    }

    [Fact]
    public void Rejected_append_is_rolled_back_and_does_not_affect_the_others_of_its_transaction()
    {
        _test.Store("shop", Event("a", "taken"));
        Appender.Begin();
        Appender.Append(Append("shop", Event("a", "1")));
        Assert.Throws<EventConflictException>(
            () => Appender.Append(Append("shop", Event("b", "2"), Event("a", "taken", "other"))));
        Appender.Append(Append("shop", Event("b", "3")));
        Appender.Commit();
        Assert.Equal(3L, _test.Scalar("SELECT count(*) FROM events"));
        Assert.Equal((4L, 2L), _test.Store("shop", Event("b", "4")).Select(e => (e.Sequence, e.Version)).Single());
    }

    [Fact]
    public void Rejected_append_leaves_no_order_and_no_number_behind()
    {
        _test.Store("shop", Event("a", "taken"));
        Appender.Begin();
        var lost = Enumerable.Range(0, 300).Select(i => Event($"new-{i % 3}", $"lost-{i}"));
        Assert.Throws<EventConflictException>(
            () => Appender.Append(Append("shop", [.. lost, Event("a", "lost"), Event("a", "taken", "other")])));
        Assert.Equal(2, Appender.Append(Append("other", Event("new-1", "1"))));
        Assert.Equal(3, Appender.Append(Append("shop", Event("new-1", "2"), Event("a", "taken"))));
        Appender.Commit();
        Assert.Equal(0L, _test.Scalar("SELECT max(sequence) FROM organizations"));
        Assert.Equal(
            "1 1 a, 2 2 new-1, 3 1 new-1",
            _test.Scalar("""
                SELECT group_concat(format('%d %d %s', id, organization, name), ', ')
                FROM (SELECT * FROM orders ORDER BY id)
                """));
        Assert.Equal((3L, 2L), _test.Store("shop", Event("a", "3")).Select(e => (e.Sequence, e.Version)).Single());
        Assert.Equal((4L, 2L), _test.Store("shop", Event("new-1", "4")).Select(e => (e.Sequence, e.Version)).Single());
    }

    [Fact]
    public void Event_of_an_existing_order_changes_only_the_events_and_their_indexes()
    {
        _test.Store("shop", Event("a", "1"));
        Appender.TakeWrittenPages();
        for (var i = 2; i < SqliteSchema.SequenceStep; i++)
        {
            _test.Store("shop", Event("a", $"{i}"));
            // Each of the four trees may have grown by a page.
            Assert.InRange(Appender.TakeWrittenPages(), 4, i < 10 ? 4 : 8);
        }
    }

    [Fact]
    public async Task Reopened_appender_continues_all_numbers()
    {
        _test.Store("shop", [.. Enumerable.Range(1, 100).Select(i => Event($"o-{i % 7}", $"{i}"))]);
        using var next = new SqliteAppender(_test.Database.Open());
        next.Begin();
        var append = Append("shop", Event("o-1", "next"), Event("o-9", "new"));
        Assert.Equal(102, next.Append(append));
        next.Commit();
        append.Complete();
        Assert.Equal([(101L, 16L), (102L, 1L)], (await append.Answer).Select(e => (e.Sequence, e.Version)));
    }

    [Fact]
    public void Checkpoint_moves_only_forward_and_only_within_its_epoch_and_the_log()
    {
        _test.Store("shop", Event("a", "1"), Event("a", "2"), Event("a", "3"));
        Save(2, Appender.Epoch);
        Save(1, Appender.Epoch);
        Save(3, "another");
        Save(4, Appender.Epoch);
        Assert.Equal(2L, _test.Scalar("SELECT position FROM checkpoints WHERE partition = 1"));

        void Save(long position, string epoch)
        {
            Appender.Begin();
            Appender.SaveCheckpoint(1, position, epoch);
            Appender.Commit();
        }
    }

    [Fact]
    public void Epoch_begins_once()
    {
        var ended = Appender.Epoch;
        _test.Store("shop", Event("a", "1"));
        Appender.Begin();
        Assert.Equal(1, Appender.BeginEpoch(ended, "next"));
        Assert.Null(Appender.BeginEpoch(ended, "too late"));
        Appender.Commit();
        Assert.Equal("next", Appender.Epoch);
        Assert.Equal("next", _test.Store("shop", Event("a", "2"))[0].Epoch);
    }
}
