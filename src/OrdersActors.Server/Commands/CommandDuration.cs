using System.Globalization;

namespace OrdersActors.Server.Commands;

/// <summary>
/// A duration on the command line: a whole number and a unit, such as <c>90s</c>, <c>15m</c>, <c>1h</c> or <c>30d</c>.
/// </summary>
internal static class CommandDuration
{
    /// <summary>Reads a duration; null if the text has another form, or the number more than six digits.</summary>
    public static TimeSpan? Parse(string text) =>
        text.Length is >= 2 and <= 7
        && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var n)
            ? n * UnitOf(text[^1])
            : null;

    private static TimeSpan? UnitOf(char letter) => letter switch
    {
        's' => TimeSpan.FromSeconds(1),
        'm' => TimeSpan.FromMinutes(1),
        'h' => TimeSpan.FromHours(1),
        'd' => TimeSpan.FromDays(1),
        _ => null,
    };
}
