using System.Globalization;

namespace OrdersActors;

/// <summary>
/// The durations that depend on each other although different components use them. <c>DeadlinesTests</c> asserts the
/// relations, also with the defaults of the settings. A duration that concerns one class only stands in that class.
/// </summary>
/// <remarks>
/// <para><b>The rule.</b> A caller waits longer than everything that it waits for, so that the innermost timeout fires
/// first. Its error says what is unreachable; an outer timeout says only that time has passed.</para>
/// <code>
///   publisher ──5 s──► EventWriterGrain ──4.5 s──► AppendRoute ─┬─2 s──► home silo ──1.8 s──► log
///                                                               └─ the rest of the 4.5 s ───► log
/// </code>
/// </remarks>
internal static class Deadlines
{
    // Timeouts of grain calls. They are strings because attributes need constants.

    /// <summary>An append by a publisher. It retries under the same event ids.</summary>
    public const string AppendCall = "00:00:05";

    /// <summary>
    /// An append on the organization's home silo. Short, because the calling silo then appends the events itself.
    /// </summary>
    public const string HomeAppendCall = "00:00:02";

    /// <summary>A call between the grains of an organization and its orders. Both live in the same silo.</summary>
    public const string GrainCall = "00:00:05";

    /// <summary>
    /// A call between a front end and a grain. It may activate the grain and read the log, and events may be 10 MB.
    /// </summary>
    public const string FrontEndCall = "00:00:10";

    /// <summary>A poll of the cluster's state, which reads no log.</summary>
    public const string StatusCall = "00:00:03";

    /// <summary>A call to a front end for an operator, who waits for all front ends.</summary>
    public const string FrontEndAnswer = "00:00:05";

    /// <summary>An operator's call to all front ends. It is longer than the call to each of them.</summary>
    public const string FrontEndsCall = "00:00:08";

    /// <summary>A call that may wait for the silo's log to follow another epoch.</summary>
    public const string EpochCall = "00:00:05";

    // Appends.

    /// <summary>
    /// How long an append waits for the log on the home silo. It ends before the call, so that the calling silo gets
    /// the reason.
    /// </summary>
    public static readonly TimeSpan HomeAppendWait = TimeSpan.FromSeconds(1.8);

    /// <summary>
    /// Both attempts of an append together: on the home silo, and then by the silo that the publisher called. No append
    /// may still wait when the publisher gives up.
    /// </summary>
    public static readonly TimeSpan AppendRoute = TimeSpan.FromSeconds(4.5);

    /// <summary>
    /// The default of the logs' <c>QueueTimeout</c>: how long an append waits for its transaction. A longer setting has
    /// no effect, because <see cref="AppendRoute"/> ends first.
    /// </summary>
    public static readonly TimeSpan AppendQueue = TimeSpan.FromSeconds(4);

    /// <summary>How long a silo does not use a home silo that did not take an append.</summary>
    public static readonly TimeSpan HomeAvoidance = TimeSpan.FromSeconds(5);

    // Failure detection and readiness.

    /// <summary>The interval and the timeout of the probes between silos.</summary>
    public static readonly TimeSpan SiloProbe = TimeSpan.FromSeconds(1);

    /// <summary>The missed probes after which a silo is declared dead.</summary>
    public const int MissedSiloProbes = 3;

    /// <summary>The interval at which a silo reads from the log to learn whether it answers.</summary>
    public static readonly TimeSpan LogProbeInterval = TimeSpan.FromSeconds(1);

    /// <summary>The maximum age of a silo's last successful read: one interval, and two seconds for the read.</summary>
    public static readonly TimeSpan LogProbeMaxAge = TimeSpan.FromSeconds(3);

    /// <summary>The interval at which a front end polls the silos.</summary>
    public static readonly TimeSpan ContactInterval = TimeSpan.FromSeconds(1);

    /// <summary>The maximum age of the silos' last answer to a front end: one interval and one call.</summary>
    public static readonly TimeSpan ContactMaxAge = TimeSpan.FromSeconds(4);

    /// <summary>The time without an answer of a silo after which a front end closes its clients.</summary>
    public static readonly TimeSpan ContactLost = TimeSpan.FromSeconds(10);

    /// <summary>Readiness reports within this time that the silos or the log are away.</summary>
    public static readonly TimeSpan Readiness = TimeSpan.FromSeconds(5);

    /// <summary>The clients of a front end without silos are closed within this time.</summary>
    public static readonly TimeSpan ClientsLeave = TimeSpan.FromSeconds(15);

    // Operators.

    /// <summary>How often a front end registers for operators' commands.</summary>
    public static readonly TimeSpan FrontEndRenewal = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long such a registration is valid: three renewals, each of which may take as long as its call.
    /// </summary>
    public static readonly TimeSpan FrontEndLease = TimeSpan.FromSeconds(30);

    // Epochs.

    /// <summary>The interval at which processes poll for another epoch of the log.</summary>
    public static readonly TimeSpan EpochPoll = TimeSpan.FromSeconds(1);

    /// <summary>How long a grain waits for its silo's log to follow an epoch that it does not know.</summary>
    public static readonly TimeSpan EpochLag = TimeSpan.FromSeconds(2);

    // Requests of clients.

    /// <summary>
    /// The time limit for one entry of a subscribe; then the connection is closed. It is long enough for the cluster to
    /// recover from a dead or frozen silo, which takes 4 to 6 s.
    /// </summary>
    public static readonly TimeSpan Subscribe = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The interval of the pings in the protocol page's example. It leaves a connection that has not answered for so
    /// long.
    /// </summary>
    public static readonly TimeSpan ExamplePing = TimeSpan.FromSeconds(15);

    /// <summary>The longest delay before a front end retries to renew a feed's lease.</summary>
    public static readonly TimeSpan LongestRenewalRetry = TimeSpan.FromSeconds(8);

    // Stop of the server, after the drain delay and the drain time.

    /// <summary>How long clients may take to answer the close.</summary>
    public static readonly TimeSpan StopConnections = TimeSpan.FromSeconds(3);

    /// <summary>How long a grain waits for its deliveries to orders when it leaves the silo.</summary>
    public static readonly TimeSpan StopDeliveries = TimeSpan.FromSeconds(5);

    /// <summary>How long the host may take to stop its services, the silo included.</summary>
    public static readonly TimeSpan StopHost = TimeSpan.FromSeconds(8);

    /// <summary>How long a silo may take to store the last uses of API keys.</summary>
    public static readonly TimeSpan StopKeyUses = TimeSpan.FromSeconds(2);

    /// <summary>How long a log may take to commit the appends that it has accepted.</summary>
    public static readonly TimeSpan StopLog = TimeSpan.FromSeconds(5);

    /// <summary>The time after <see cref="StopHost"/> in which the process must have ended.</summary>
    public static readonly TimeSpan StopProcess = TimeSpan.FromSeconds(12);

    /// <summary>The value of a call's timeout.</summary>
    public static TimeSpan Of(string call) => TimeSpan.Parse(call, CultureInfo.InvariantCulture);
}
