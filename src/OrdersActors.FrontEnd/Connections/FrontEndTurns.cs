namespace OrdersActors.FrontEnd.Connections;

/// <summary>Whose turn it is in this front end.</summary>
internal sealed class FrontEndTurns(TimeProvider time)
{
    /// <summary>
    /// For requests that call grains. Each spends most of its millisecond waiting, so some eight keep a processor busy.
    /// </summary>
    public Turns Requests { get; } = new(8 * Environment.ProcessorCount, time);

    /// <summary>For pages of replays, which are work from end to end: half of the processors, so that live events find one.</summary>
    public Turns Replays { get; } = new(Math.Max(1, Environment.ProcessorCount / 2), time);
}
