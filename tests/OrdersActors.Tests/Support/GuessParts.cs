using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Limits;

namespace OrdersActors.Tests.Support;

/// <summary>Creates the budgets of guesses without a server.</summary>
internal static class GuessParts
{
    public static GuessLimits Create(
        FrontEndOptions options, TimeProvider time, ILogger<GuessAlarm>? logger = null)
    {
        var alarm = new GuessAlarm(time, logger ?? NullLogger<GuessAlarm>.Instance);
        var shared = Options.Create(options);
        return new GuessLimits(
            new FailedConnectBudgets(shared, time), new DeniedSubscribeBudgets(shared, time, alarm), alarm);
    }
}
