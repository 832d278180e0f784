using OrdersActors.Checker.Judging;
using OrdersActors.Checker.Reporting;
using OrdersActors.Checker.World;

namespace OrdersActors.Checker.Clients;

/// <summary>The state that all clients of a run share.</summary>
/// <param name="FrontEnds">The servers' addresses.</param>
/// <param name="Map">The organizations and orders.</param>
/// <param name="Counts">The counters of the run.</param>
/// <param name="Options">How often clients cut their connections and stop reading.</param>
/// <param name="OnFinding">Called at once with each obvious violation.</param>
/// <param name="Calm">Cancelled when clients must stop disturbing their connections.</param>
/// <param name="End">Cancelled at the end of the run. A connection that is open then has lived to the end.</param>
internal sealed record ClientEnvironment(
    FrontEnds FrontEnds,
    Map Map,
    RunCounts Counts,
    CheckOptions Options,
    Action<CounterExample> OnFinding,
    CancellationToken Calm,
    CancellationToken End);
