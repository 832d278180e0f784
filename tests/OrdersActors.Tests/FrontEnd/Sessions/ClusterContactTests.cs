using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd.Sessions;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Sessions;

public sealed class ClusterContactTests : IDisposable
{
    private const int Lost = 1323;
    private const int Found = 1324;

    private readonly FakeTimeProvider _time = new();
    private readonly RecordingLogger<ClusterContact> _log = new();
    private readonly ConnectionParts _parts;
    private readonly ClusterContact _contact;

    public ClusterContactTests()
    {
        _parts = new ConnectionParts(_time);
        _contact = new ClusterContact(_parts.Grains.Factory, _parts.Registry, _time, _log);
    }

    public void Dispose()
    {
        _contact.Dispose();
        _parts.Dispose();
    }

    [Fact]
    public async Task Loss_of_all_silos_closes_the_connections_until_a_silo_answers()
    {
        await _contact.StartAsync(TestContext.Current.CancellationToken);
        Assert.True(_contact.HasSilos && _contact.HasLog);
        var connection = Add();
        Fail(true);
        var began = _time.GetTimestamp();
        await AdvanceUntilAsync(() => connection.IsClosing);
        Assert.True(_time.GetElapsedTime(began) >= TimeSpan.FromSeconds(10));
        Assert.False(_contact.HasSilos);
        Assert.True(Add().IsClosing);
        Fail(false);
        await AdvanceUntilAsync(() => _log.Ids.Contains(Found));
        Assert.False(Add().IsClosing);
        Assert.Single(_log.Ids, Lost);
        await _contact.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Front_end_that_starts_without_silos_rejects_connections_until_the_first_answer()
    {
        Fail(true);
        await _contact.StartAsync(TestContext.Current.CancellationToken);
        Assert.True(Add().IsClosing);
        Fail(false);
        await AdvanceUntilAsync(() => _log.Ids.Contains(Found));
        Assert.False(Add().IsClosing);
        await _contact.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Silos_count_only_when_connections_are_admitted_again()
    {
        Fail(true);
        await _contact.StartAsync(TestContext.Current.CancellationToken);
        // The silos answer, but the poll has not ended, so connections are still rejected.
        var polled = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        _parts.Grains.Before = async method =>
        {
            if (method == nameof(IClusterGrain.IsLogAvailable))
            {
                polled.TrySetResult();
                await release.Task;
            }
        };
        await AdvanceUntilAsync(() => polled.Task.IsCompleted);

        Assert.True(Add().IsClosing);
        Assert.False(_contact.HasSilos);
        release.SetResult();
        await AdvanceUntilAsync(() => _contact.HasSilos);
        Assert.False(Add().IsClosing);
        await _contact.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Silo_of_a_previous_version_counts_as_one_whose_log_is_available()
    {
        _parts.Grains.Before = method => method == nameof(IClusterGrain.IsLogAvailable)
            ? Task.FromException(new NotSupportedException("unknown method"))
            : Task.CompletedTask;
        await _contact.StartAsync(TestContext.Current.CancellationToken);
        Assert.True(_contact.HasLog);
        await _contact.StopAsync(TestContext.Current.CancellationToken);
    }

    private void Fail(bool fails) => _parts.Grains.Before =
        fails ? _ => Task.FromException(new TimeoutException("no answer")) : null;

    private Connection Add()
    {
        var connection = _parts.Create(new TestSocket(), () => { });
        _parts.Registry.Add(connection);
        return connection;
    }

    private async Task AdvanceUntilAsync(Func<bool> condition)
    {
        for (var i = 0; i < 1000 && !condition(); i++)
        {
            _time.Advance(TimeSpan.FromSeconds(0.5));
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        Assert.True(condition(), _log.Text);
    }
}
