using System.ComponentModel.DataAnnotations;

namespace OrdersActors.Examples.Worker;

/// <summary>The outbox.</summary>
internal sealed class OutboxOptions
{
    /// <summary>The folder of the events that the worker publishes. Default: <c>outbox</c>.</summary>
    [Required]
    public string Folder { get; set; } = "outbox";

    /// <summary>How often the folder is read: 10 ms to 1 h, by default every second.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);
}
