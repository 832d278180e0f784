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
        Appender.InSavepoint(new SqliteAppendRequest(first));
        Appender.InSavepoint(new SqliteAppendRequest(second));
        Appender.Commit();
        second.Complete();
        Assert.Equal([1L, 2L], (await second.Answer).Select(e => e.Version));
    }

    [Fact]
    public void Rejected_append_is_rolled_back_and_does_not_affect_the_others_of_its_transaction()
    {
        _test.Store("shop", Event("a", "taken"));
        Appender.Begin();
        Appender.InSavepoint(new SqliteAppendRequest(Append("shop", Event("a", "1"))));
        Assert.Throws<EventConflictException>(() => Appender.InSavepoint(
            new SqliteAppendRequest(Append("shop", Event("b", "2"), Event("a", "taken", "other")))));
        Appender.InSavepoint(new SqliteAppendRequest(Append("shop", Event("b", "3"))));
        Appender.Commit();
        Assert.Equal(3L, _test.Scalar("SELECT count(*) FROM events"));
        Assert.Equal((4L, 2L), _test.Store("shop", Event("b", "4")).Select(e => (e.Sequence, e.Version)).Single());
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
