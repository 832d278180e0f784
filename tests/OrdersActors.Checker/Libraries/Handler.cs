using System.Diagnostics;
using OrdersActors.Checker.Clients;
using OrdersActors.Checker.Judging;
using OrdersActors.Checker.Reporting;

namespace OrdersActors.Checker.Libraries;

/// <summary>
/// Records the events that one handler of a client library gets over all connections of its client. The client calls
/// it in the order in which the library calls the handler.
/// </summary>
/// <remarks>
/// The library promises each event once and in order over any number of reconnects, so the handler's events are one
/// stream. In the record it is one connection, however often the library has reconnected. Only a gap that says that
/// history was rewritten begins the next one.
/// </remarks>
internal sealed class Handler : IReceiver
{
    private readonly LibraryPlan _client;
    private readonly HandlerPlan _plan;
    private readonly ClientEnvironment _environment;
    private readonly LibraryCounts _counts;
    private readonly string _unit;
    private readonly Lock _gate = new();
    private long? _next;
    private bool _hasEnded;
    private volatile bool _isConnected;

    public Handler(LibraryPlan client, int index, ClientEnvironment environment, LibraryCounts counts)
    {
        (_client, _environment, _counts) = (client, environment, counts);
        _plan = client.Handlers[index];
        _unit = _plan.Order is null ? "sequence" : "version";
        Record = new ClientRecord
        {
            Name = $"{client.Name}, handler {index}",
            Shop = client.Shop.Index,
            Resumes = _plan.Start is HandlerStart.Beginning,
            WholeOrganization = _plan.Order is null,
            Orders = _plan.Order is { } order ? [order] : [],
        };
        _next = Record.Resumes ? 1 : null;
        Begin(null);
    }

    public ClientRecord Record { get; }

    public bool IsConnected
    {
        get => _isConnected;
        set => _isConnected = value;
    }

    private ConnectionRecord Current => Record.Connections[^1];

    /// <summary>The library says that the server has confirmed, and after which number the handler begins.</summary>
    public void Confirmed(long after, string? epoch)
    {
        lock (_gate)
        {
            if (_next is null)
            {
                _next = after + 1;
                Current.ConfirmedAt = Stopwatch.GetTimestamp();
                Current.Epoch = epoch;
            }
        }
    }

    /// <summary>The handler was called with an event.</summary>
    public void Received(EventMessage e, string? epoch)
    {
        _environment.Counts.Received();
        _counts.Received();
        var number = _plan.Order is null ? e.Sequence : e.Version;
        if (e.OrganizationId != _client.Shop.Id || _environment.Map.Find(e.OrganizationId, e.OrderId) is not { } order)
        {
            Wrong($"events of {_client.Shop.Id}", $"one of {e.OrganizationId}, order {e.OrderId}");
            return;
        }

        lock (_gate)
        {
            if (_next is { } next && number != next)
            {
                Wrong($"{_unit} {next}", $"{_unit} {number}");
            }
            else if (Current.Epoch is { } known && known != epoch)
            {
                Wrong($"a gap before events of another epoch than {known}", $"{_unit} {number} of epoch {epoch}");
            }

            _next = number + 1;
            Current.Epoch = epoch;
            Current.ConfirmedAt = Current.ConfirmedAt is 0 ? Stopwatch.GetTimestamp() : Current.ConfirmedAt;
            Record.Receipts.Add(
                new Receipt(order, e.Version, e.Sequence, e.Content) { ArrivedAt = Stopwatch.GetTimestamp() });
        }
    }

    /// <summary>The library has reported a gap: the events from one number on are missing.</summary>
    /// <param name="from">The first missing number.</param>
    /// <param name="earliest">The number of the next event.</param>
    /// <param name="isRewritten">Whether history was rewritten.</param>
    /// <param name="epoch">The new history.</param>
    public void Gap(long from, long earliest, bool isRewritten, string? epoch)
    {
        _counts.Gap();
        _environment.Counts.BeganAgain(isRewritten);
        var got = $"a gap from {from}, earliest {earliest}{(isRewritten ? $", rewritten as epoch {epoch}" : "")}";
        lock (_gate)
        {
            if (!isRewritten || _environment.Options.LoseCommits == 0)
            {
                Wrong("no gap, because nothing was lost", got);
            }
            else if (earliest != 1 || from < (_next ?? 1) || epoch is null)
            {
                // A server that has not noticed yet that history was rewritten answers a position past the end of the
                // log with the known epoch. Then the new epoch follows with a further gap. If it does not, the judge
                // sees that the events of one epoch came twice.
                Wrong($"a gap from {_next} or later to 1, with an epoch", got);
            }

            Current.EndedAt = Stopwatch.GetTimestamp();
            Begin(epoch);
            _next = earliest;
        }
    }

    /// <summary>The library has ended the handler.</summary>
    public void Ended(string reason)
    {
        lock (_gate)
        {
            _hasEnded = true;
        }

        if (!_environment.End.IsCancellationRequested)
        {
            Wrong("to go on until the end of the run", $"ended with {reason}");
        }
    }

    /// <summary>The run ends. The handler gets nothing after this.</summary>
    public void Finish()
    {
        lock (_gate)
        {
            Current.LivedToEnd = !_hasEnded;
        }
    }

    public bool HasReachedEnd(History history)
    {
        lock (_gate)
        {
            if (Current.Epoch is not null && !history.Serves(Current))
            {
                return false;
            }

            var head = _plan.Order is { } order ? history.HeadOfOrder(order) : history.HeadOfShop(_client.Shop.Index);
            return Record.Resumes
                ? _next - 1 == head
                : new LiveClientCheck(Record, history).HasReachedEnd();
        }
    }

    // Until it is known where a handler begins, everything is due to it: one that gets nothing at all is deaf.
    private void Begin(string? epoch) => Record.Connections.Add(new ConnectionRecord
    {
        Number = Record.Connections.Count + 1,
        First = Record.Receipts.Count,
        ConfirmedAt = 0,
        Epoch = epoch,
    });

    private void Wrong(string expected, string got) => _environment.OnFinding(new CounterExample(
        Record.Name, _plan.Order is { } order ? _environment.Map.Orders[order] : _client.Shop.Id,
        expected, got, Current.Number));
}
