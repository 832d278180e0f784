using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Grains.FrontEnds;

public sealed class FrontEndsGrainTests(OrderCluster cluster) : IClassFixture<OrderCluster>
{
    // Each test has a grain of its own.
    private readonly IFrontEndsGrain _grain = cluster.Grains.GetGrain<IFrontEndsGrain>(Random.Shared.NextInt64());

    [Fact]
    public async Task All_front_ends_are_asked_and_the_answers_are_bounded()
    {
        await RegisterAsync("a", new FrontEnd(3));
        await RegisterAsync("b", new FrontEnd(3));
        var answers = (await _grain.ListConnections(new ConnectionFilter("shop"), 4)).Answers;
        Assert.Equal(["a", "b"], answers.Select(answer => answer.FrontEnd));
        Assert.Equal([3, 1], answers.Select(answer => answer.Connections!.Connections.Length));
        Assert.Equal([3, 3], answers.Select(answer => answer.Connections!.Matching));
        Assert.All(answers, answer => Assert.Null(answer.Problem));
    }

    [Fact]
    public async Task Front_end_that_does_not_answer_is_named_and_the_others_answer()
    {
        await RegisterAsync("a", new FrontEnd(2));
        await RegisterAsync("b", new FrontEnd(2) { Hangs = true });
        var answers = (await _grain.Disconnect(new ConnectionFilter())).Answers;
        Assert.Equal((2, null), (answers[0].Closed, answers[0].Problem));
        Assert.Equal(0, answers[1].Closed);
        Assert.Contains("did not answer", answers[1].Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Summaries_name_their_front_ends()
    {
        await RegisterAsync("a", new FrontEnd(2));
        await RegisterAsync("b", new FrontEnd(3));
        var summaries = await _grain.Summarize();
        Assert.Equal(["a", "b"], summaries.FrontEnds.Select(frontEnd => frontEnd.FrontEnd));
        Assert.Equal([2, 3], summaries.FrontEnds.Select(frontEnd => frontEnd.Summary!.Connections));
    }

    [Fact]
    public async Task Unregistered_front_end_is_not_asked()
    {
        await RegisterAsync("a", new FrontEnd(1));
        await _grain.Unregister("a");
        var answers = await _grain.ListConnections(new ConnectionFilter(), 10);
        Assert.Empty(answers.Answers);
        Assert.True(answers.KnownFor >= TimeSpan.Zero);
    }

    private readonly List<FrontEnd> _held = [];

    private Task RegisterAsync(string name, FrontEnd frontEnd)
    {
        // Orleans refers to an observer weakly.
        _held.Add(frontEnd);
        return _grain.Register(name, cluster.Grains.CreateObjectReference<IFrontEndObserver>(frontEnd));
    }

    private sealed class FrontEnd(int connections) : IFrontEndObserver
    {
        public bool Hangs { get; init; }

        public Task<ConnectionList> ListConnections(ConnectionFilter filter, int limit) => Task.FromResult(
            new ConnectionList(connections, connections,
            [
                .. Enumerable.Range(0, Math.Min(limit, connections)).Select(_ => new ConnectionInfo(
                    filter.OrganizationId, "oak_1234", null, "::1", "websocket", TimeSpan.FromSeconds(1), 1, ["o"],
                    false, 0)),
            ]));

        public Task<FrontEndSummary> Summarize() => Task.FromResult(
            new FrontEndSummary(connections, [new OrganizationConnections("shop", connections)], []));

        public async Task<int> Disconnect(ConnectionFilter filter)
        {
            if (Hangs)
            {
                await Task.Delay(Timeout.Infinite);
            }

            return connections;
        }
    }
}
