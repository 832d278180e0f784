using System.Diagnostics;
using OrdersActors.Checker.Judging;

namespace OrdersActors.Checker.Clients;

/// <summary>
/// One client with a raw WebSocket: connects, subscribes, records what it receives, and reconnects when necessary.
/// </summary>
internal sealed class RawClient : IReceiver
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly ClientPlan _plan;
    private readonly ClientEnvironment _environment;
    private readonly Random _random;
    private readonly Cursors _cursors;
    private int _frontEnd;
    private ConnectionRecord? _open;

    public RawClient(ClientPlan plan, ClientEnvironment environment, int index)
    {
        _plan = plan;
        _environment = environment;
        _random = new Random(environment.Options.Seed + index);
        _frontEnd = environment.FrontEnds.First(index);
        _cursors = new Cursors(plan.WholeOrganization, plan.Scopes.Any(order => order is not null));
        if (plan.Resumes)
        {
            _cursors.BeginWithAll();
        }

        Record = plan.NewRecord();
    }

    /// <summary>The received events. While the client runs, read it only under <see cref="Gate"/>.</summary>
    public ClientRecord Record { get; }

    /// <summary>Held while the record is written.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Whether it has a connection on which all subscriptions are confirmed.</summary>
    public bool IsConnected => _open?.ConfirmedAt is not null;

    /// <summary>Whether it has received every event of its scope.</summary>
    public bool HasReachedEnd(History history)
    {
        lock (Gate)
        {
            if (!_plan.Resumes)
            {
                return IsConnected && new LiveClientCheck(Record, history).HasReachedEnd();
            }

            if (history.Epoch is not null && _cursors.Epoch != history.Epoch)
            {
                return false;
            }

            var orders = _plan.WholeOrganization ? history.Map.OrdersOf(_plan.Shop) : Record.Orders;
            return orders.All(order => _cursors.VersionOf(order) == history.HeadOfOrder(order));
        }
    }

    /// <summary>Runs until the end of the run. Never fails.</summary>
    public async Task RunAsync()
    {
        var pause = FirstPause;
        var lostAt = Stopwatch.GetTimestamp();
        while (!_environment.End.IsCancellationRequested)
        {
            var connection = new ConnectionRecord
            {
                Number = Record.Connections.Count + 1,
                First = Record.Receipts.Count,
                FrontEnd = _frontEnd,
            };
            lock (Gate)
            {
                Record.Connections.Add(connection);
                _open = connection;
            }

            var session = new Session(_plan, _environment, _random, _cursors, Record, connection, Gate);
            await session.RunAsync(() =>
                _environment.Counts.Connected(connection.Number > 1, _plan.Resumes, Stopwatch.GetElapsedTime(lostAt)));
            lock (Gate)
            {
                _open = null;
                connection.EndedAt = Stopwatch.GetTimestamp();
                if (connection.ConfirmedAt is null && connection.First == Record.Receipts.Count)
                {
                    // The attempt failed before anything was received.
                    Record.Connections.Remove(connection);
                }
            }

            if (connection.ConfirmedAt is not null)
            {
                (pause, lostAt) = (FirstPause, Stopwatch.GetTimestamp());
            }

            _frontEnd = _environment.FrontEnds.Next(_frontEnd, _random);
            await Task.Delay(pause * (0.5 + _random.NextDouble()), _environment.End)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }
}
