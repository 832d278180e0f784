using OrdersActors.Checker.Judging;
using OrdersActors.Checker.Reporting;
using OrdersActors.Checker.World;

namespace OrdersActors.Checker.Clients;

/// <summary>What all clients of a run share.</summary>
/// <param name="FrontEnds">Where the servers are.</param>
/// <param name="Map">The organizations and orders.</param>
/// <param name="Counts">What is counted.</param>
/// <param name="Options">How often clients cut their connections and stop reading.</param>
/// <param name="OnFinding">Told what is plainly wrong, the moment it is seen.</param>
/// <param name="Calm">Cancelled when nobody is to disturb any more.</param>
/// <param name="End">Cancelled when all is over: what is open then has lived to the end.</param>
internal sealed record ClientEnvironment(
    FrontEnds FrontEnds,
    Map Map,
    RunCounts Counts,
    CheckOptions Options,
    Action<CounterExample> OnFinding,
    CancellationToken Calm,
    CancellationToken End);
