using System.ComponentModel.DataAnnotations;

namespace OrdersActors.Storage.Retention;

/// <summary>How long, and how much, the event log keeps. Section <c>OrdersActors:Retention</c>.</summary>
/// <remarks>
/// <para><b>What goes.</b> An event is removed when it is older than <see cref="MaxAge"/>, or when it is neither among the newest
/// <see cref="MaxPerOrganization"/> of its organization nor among the newest <see cref="MaxPerOrder"/> of its order. So an
/// order keeps its own history although a busy organization's feed has moved on.</para>
/// <para><b>What can be read.</b> An organization's feed never has a hole. It has a mark,
/// <see cref="OrganizationHead.Earliest"/>: from there on it is read organization-wide, and what is older is read by order
/// only. An order's events go from the front, so its history begins at <see cref="OrderHead.Earliest"/> and has no hole
/// either. Reading from further back begins at the mark.</para>
/// <para><b>What stays.</b> That an order exists, whose it is, and how far it and its organization have been numbered is kept for
/// ever: no number is given twice. An event's id is known as long as the event is kept; published again after that, it is
/// a new event. What has not been delivered stays, whatever its age.</para>
/// <para><b>Precision.</b> Age counts from the commit and not from the publisher's clock. The log notes once an
/// <see cref="Interval"/> how far it has come, so an event goes up to an interval (or a 100,000th of <see cref="MaxAge"/>,
/// where that is longer) later than its age says; what was committed just before the server stopped counts from its next
/// start. What an order has beyond <see cref="MaxPerOrder"/> behind the organization's mark goes when the mark passes one
/// of the order's newer events: lowering that setting acts then, and not at once.</para>
/// <para><b>A wrong clock.</b> In a cluster the clock is the database's. A single server uses its own clock, and removes
/// nothing by age until it has evidence that the clock is right: an event whose <c>occurred_at</c> is at most
/// <see cref="MaxClockLead"/> before the clock, a note of that age from the last run, or <see cref="ClockConfirmedOn"/>. From
/// then on the clock may not run ahead of the monotonic clock by more than that. If it does, nothing is removed by age until
/// the clock returns, or the server is restarted and finds evidence. A warning says so once; events wait, and limits by number
/// go on. So a shop that was closed for days waits for its next events after a restart. A clock that is wrong from the start
/// on, together with publishers that have the same wrong clock, cannot be recognized. A machine that was suspended looks
/// like one whose clock was set.</para>
/// </remarks>
public sealed class RetentionOptions
{
    // A note takes some 20 bytes: 2 MB, however long the events are kept.
    private const int MaxMarks = 100_000;

    /// <summary>How long an event is kept; default 30 days, 5 s to 3,650 days.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "3650.00:00:00")]
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How many of an organization's newest events are kept, 1 to 1,000,000,000; default 1,000,000.</summary>
    [Range(1, 1_000_000_000)]
    public int MaxPerOrganization { get; set; } = 1_000_000;

    /// <summary>
    /// How many of an order's newest events are kept when its organization has had <see cref="MaxPerOrganization"/> newer
    /// ones, 1 to 1,000,000,000; default 1,000.
    /// </summary>
    [Range(1, 1_000_000_000)]
    public int MaxPerOrder { get; set; } = 1000;

    /// <summary>
    /// How often the log is gone through for what is to go; default 1 min, 1 s to 1 h. A pass goes on until nothing is
    /// left to remove, in small batches.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How far the clock of a single server may be ahead of the evidence, 1 h to 3,650 days; default 1 day. Raise it if all
    /// publishers send events that are older. Not used with PostgreSQL.
    /// </summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan MaxClockLead { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// A day on which an operator found the server's clock right, such as 2026-11-25; none by default. It is evidence for the
    /// clock as an event of that day is. Write the day as it is known elsewhere, and restart the server.
    /// </summary>
    public DateOnly? ClockConfirmedOn { get; set; }

    internal RetentionLimits Limits => new(
        MaxAge, MaxPerOrganization, MaxPerOrder, MaxAge / MaxMarks > Interval ? MaxAge / MaxMarks : Interval)
    {
        MaxClockLead = MaxClockLead,
        ClockConfirmedOn = ClockConfirmedOn,
    };
}
