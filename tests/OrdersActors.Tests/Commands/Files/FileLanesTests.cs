using OrdersActors.Server.Commands.Files;

namespace OrdersActors.Tests.Commands.Files;

public sealed class FileLanesTests
{
    [Fact]
    public async Task Batches_of_a_lane_are_sequential_and_lanes_run_concurrently()
    {
        var lanes = new FileLanes(1);
        await AddAsync(lanes, "a", 1, 2);
        await AddAsync(lanes, "b", 3);
        var a = (await lanes.TakeAsync())!;
        await AddAsync(lanes, "a", 4);
        var b = (await lanes.TakeAsync())!;
        Assert.Equal(("a", "b"), (a.OrganizationId, b.OrganizationId));
        Assert.Equal([1L, 2L], a.Lines.Select(line => line.Number));
        var third = lanes.TakeAsync().AsTask();
        Assert.False(third.IsCompleted);
        lanes.Succeeded(a);
        Assert.Equal([4L], (await third)!.Lines.Select(line => line.Number));
        lanes.Succeeded(b);
        lanes.Complete();
        lanes.Succeeded((await third)!);
        Assert.Null(await lanes.TakeAsync());
        Assert.Equal(new FileState(4, 5, false, false), lanes.GetState());
    }

    [Fact]
    public async Task State_names_the_first_line_that_is_not_stored()
    {
        var lanes = new FileLanes(11);
        Assert.Equal(11, lanes.GetState().FirstOpen);
        await AddAsync(lanes, "a", 11, 12);
        lanes.Skip(13);
        await AddAsync(lanes, "b", 14);
        var a = (await lanes.TakeAsync())!;
        var b = (await lanes.TakeAsync())!;
        lanes.Succeeded(b);
        Assert.Equal(new FileState(1, 11, true, true), lanes.GetState());
        lanes.Failed(a, stored: 1, isKnown: true);
        Assert.Equal(new FileState(2, 12, true, true), lanes.GetState());
        Assert.Contains("--from-line 12", lanes.GetState().Advice, StringComparison.Ordinal);
        Assert.Contains("twice", lanes.GetState().Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_that_may_be_stored_count_as_sent()
    {
        var lanes = new FileLanes(1);
        await lanes.AddAsync(Line("a", 1, hasId: true), Token);
        var batch = (await lanes.TakeAsync())!;
        lanes.Failed(batch, stored: 0, isKnown: false);
        Assert.Equal(new FileState(0, 1, true, false), lanes.GetState());
        Assert.Contains("ids keep them", lanes.GetState().Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failed_lane_ends_and_others_continue()
    {
        var lanes = new FileLanes(1);
        await AddAsync(lanes, "a", 1);
        var failed = (await lanes.TakeAsync())!;
        await AddAsync(lanes, "a", 2);
        await AddAsync(lanes, "b", 3);
        lanes.Failed(failed, 0, isKnown: true);
        lanes.Complete();
        var b = (await lanes.TakeAsync())!;
        Assert.Equal("b", b.OrganizationId);
        lanes.Succeeded(b);
        Assert.Null(await lanes.TakeAsync());
        Assert.Equal(1, lanes.GetState().FirstOpen);
    }

    [Fact]
    public async Task Stop_ends_batches_and_unblocks_the_reader()
    {
        var lanes = new FileLanes(1);
        await lanes.AddAsync(Line("a", 1, length: (int)FileLanes.MaxBytes), Token);
        var waiting = lanes.AddAsync(Line("a", 2), Token).AsTask();
        Assert.False(waiting.IsCompleted);
        lanes.Stop();
        await waiting;
        Assert.Null(await lanes.TakeAsync());
    }

    [Fact]
    public async Task Reader_waits_while_too_many_bytes_are_not_stored()
    {
        var lanes = new FileLanes(1);
        // Each line costs a little more than 2 MiB.
        const int Lines = 32;
        for (var line = 1; line <= Lines; line++)
        {
            await lanes.AddAsync(Line("a", line, length: LineReader.MaxLength), Token);
        }

        var waiting = lanes.AddAsync(Line("a", Lines + 1), Token).AsTask();
        Assert.False(waiting.IsCompleted);
        var batch = (await lanes.TakeAsync())!;
        // A line of the size of a batch is a batch of its own.
        Assert.Single(batch.Lines);
        lanes.Succeeded(batch);
        await waiting;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async Task AddAsync(FileLanes lanes, string organization, params long[] numbers)
    {
        foreach (var number in numbers)
        {
            await lanes.AddAsync(Line(organization, number), Token);
        }
    }

    private static PublishedLine Line(string organization, long number, int length = 10, bool hasId = false) =>
        new(number, length, organization, new OrderStatusEvent { OrderId = "o", Status = "s" }, hasId);
}
