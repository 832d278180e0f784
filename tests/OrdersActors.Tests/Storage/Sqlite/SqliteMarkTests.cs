using OrdersActors.Storage.Sqlite;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.Sqlite;

public sealed class SqliteMarkTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string File => Path.Combine(_folder.Path, SqliteMark.FileName);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Missing_mark_is_null() => Assert.Null(SqliteMark.Read(_folder.Path));

    [Fact]
    public void Mark_is_read_as_it_was_written_and_advanced_also_by_another_process()
    {
        using (var mark = SqliteMark.Create(_folder.Path, "12345678", 7))
        {
            Assert.Equal(new SqliteMarkContent("12345678", 7), SqliteMark.Read(_folder.Path));
            mark.Advance(long.MaxValue);
            Assert.Equal(new SqliteMarkContent("12345678", long.MaxValue), SqliteMark.Read(_folder.Path));
            mark.Advance(8);
        }

        using var again = SqliteMark.Open(_folder.Path);
        Assert.Equal(new SqliteMarkContent("12345678", 8), SqliteMark.Read(_folder.Path));
        again.Advance(9);
        Assert.Equal(new SqliteMarkContent("12345678", 9), SqliteMark.Read(_folder.Path));
    }

    [Fact]
    public void Mark_is_replaced_as_a_whole()
    {
        using var old = SqliteMark.Create(_folder.Path, "12345678", 7);
        using var next = SqliteMark.Create(_folder.Path, "abcdefgh", 3);
        // The old file has no name any more.
        old.Advance(99);
        Assert.Equal(new SqliteMarkContent("abcdefgh", 3), SqliteMark.Read(_folder.Path));
        Assert.Equal([File], Directory.GetFiles(_folder.Path));
    }

    [Theory]
    [InlineData(0, 'X')]
    [InlineData(40, 'X')]
    [InlineData(50, 'X')]
    [InlineData(-1, ' ')]
    public void Damaged_mark_has_no_epoch(int index, char damage)
    {
        SqliteMark.Create(_folder.Path, "12345678", 7).Dispose();
        var text = System.IO.File.ReadAllText(File);
        System.IO.File.WriteAllText(
            File, index < 0 ? text[..^1] : string.Concat(text.AsSpan(0, index), [damage], text.AsSpan(index + 1)));
        Assert.Equal(new SqliteMarkContent(null, 0), SqliteMark.Read(_folder.Path));
    }
}
