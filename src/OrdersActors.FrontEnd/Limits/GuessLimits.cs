namespace OrdersActors.FrontEnd.Limits;

/// <summary>What all connections share to limit how fast API keys and order ids can be guessed.</summary>
/// <param name="Connects">The budgets of failed connects.</param>
/// <param name="Subscribes">The budgets of denied subscribes.</param>
/// <param name="Alarm">Reports limited guesses.</param>
internal sealed record GuessLimits(
    FailedConnectBudgets Connects, DeniedSubscribeBudgets Subscribes, GuessAlarm Alarm);
