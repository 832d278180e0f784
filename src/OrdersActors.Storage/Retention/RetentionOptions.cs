using System.ComponentModel.DataAnnotations;

namespace OrdersActors.Storage.Retention;

/// <summary>How long the event log keeps events, and how many. Section <c>OrdersActors:Retention</c>.</summary>
/// <remarks>
/// <para><b>Removed events.</b> An event is removed if it is older than <see cref="MaxAge"/>. It is also removed if it
/// is neither among the newest <see cref="MaxPerOrganization"/> of its organization nor among the newest
/// <see cref="MaxPerOrder"/> of its order. So an order keeps its own history even if a busy organization's feed has
/// moved on.</para>
/// <para><b>Readable events.</b> An organization's feed never has a gap. <see cref="OrganizationHead.Earliest"/> is its
/// mark: events from the mark on are readable in the organization's feed, older events only in their orders' feeds. An
/// order's oldest events are removed first, so its history begins at <see cref="OrderHead.Earliest"/> and has no gap
/// either. A read from an earlier number begins at the mark.</para>
/// <para><b>Kept forever.</b> The log always keeps that an order exists, its owner, and the last numbers of the order
/// and its organization, so no number is assigned twice. An event's id is known as long as the event is kept. If the id
/// is published again after that, it is a new event. An undelivered event is kept, whatever its age.</para>
/// <para><b>Precision.</b> Age counts from the commit, not from the publisher's clock. Once per <see cref="Interval"/>
/// the log records its newest position and the time. So an event is removed up to one interval later than its age
/// requires, or up to a 100,000th of <see cref="MaxAge"/> if that is longer. Events that were committed just before the
/// server stopped count from its next start. Events of an order beyond <see cref="MaxPerOrder"/> and before the
/// organization's mark are removed when the mark passes one of the order's newer events. So lowering that setting does
/// not take effect at once.</para>
/// <para><b>A wrong clock.</b> A cluster uses the database's clock. A single server uses its own clock, and removes no
/// event by age until it has evidence that the clock is right. Evidence is an event whose <c>occurred_at</c> is at most
/// <see cref="MaxClockLead"/> before the clock, a record of that age from the last run, or
/// <see cref="ClockConfirmedOn"/>. After that the clock must not run ahead of the monotonic clock by more than the same
/// lead. If it does, no event is removed by age until the clock returns, or the server is restarted and finds evidence.
/// One warning reports this. Events are then kept longer, but limits by number still apply. So a shop that was closed
/// for days needs new events after a restart. If the clock is wrong from the start and the publishers have the same
/// wrong clock, the server cannot detect it. A machine that was suspended looks like one whose clock was set.</para>
/// </remarks>
public sealed class RetentionOptions
{
    // A record takes about 20 bytes, so 100,000 take 2 MB, however long events are kept.
    private const int MaxMarks = 100_000;

    /// <summary>How long an event is kept; default 30 days, 5 s to 3,650 days.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "3650.00:00:00")]
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How many of an organization's newest events are kept, 1 to 1,000,000,000; default 1,000,000.</summary>
    [Range(1, 1_000_000_000)]
    public int MaxPerOrganization { get; set; } = 1_000_000;

    /// <summary>
    /// How many of an order's newest events are kept when its organization has had <see cref="MaxPerOrganization"/>
    /// newer ones, 1 to 1,000,000,000; default 1,000.
    /// </summary>
    [Range(1, 1_000_000_000)]
    public int MaxPerOrder { get; set; } = 1000;

    /// <summary>
    /// How often the log is searched for events to remove; default 1 min, 1 s to 1 h. A pass continues in small batches
    /// until nothing is left to remove.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How far the clock of a single server may be ahead of the evidence, 1 h to 3,650 days; default 1 day. Raise it if
    /// all publishers send older events. Not used with PostgreSQL.
    /// </summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan MaxClockLead { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// A day on which an operator confirmed the server's clock, such as 2026-11-25; none by default. It is evidence for
    /// the clock in the same way as an event of that day. Take the date from another source, and restart the server.
    /// </summary>
    public DateOnly? ClockConfirmedOn { get; set; }

    internal RetentionLimits Limits => new(
        MaxAge, MaxPerOrganization, MaxPerOrder, MaxAge / MaxMarks > Interval ? MaxAge / MaxMarks : Interval)
    {
        MaxClockLead = MaxClockLead,
        ClockConfirmedOn = ClockConfirmedOn,
    };
}
