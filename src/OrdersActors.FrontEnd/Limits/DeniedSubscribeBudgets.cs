using Microsoft.Extensions.Options;

namespace OrdersActors.FrontEnd.Limits;

/// <summary>
/// Limits how many order ids clients may try in vain per address and per API key. Only denials count, so a client whose
/// orders exist needs no budget.
/// </summary>
/// <remarks>
/// <para>If an address has used up its budget, its requests are refused before the order is looked up
/// (<see cref="GetWait"/>). The budget refills meanwhile. There is no exception for orders that exist: the exception
/// itself would answer a guess. Without an address, as on a Unix socket, there is no limit per address.</para>
/// <para>The budget of a key never refuses anything. An open key is public, so an attacker anywhere can use up its
/// budget, and the customers of the shop must still get their orders at once. So only denials wait
/// (<see cref="Denied"/>). They are spread out at the rate at which the budget refills, and each waits for at most
/// <see cref="LongestDelay"/>. A client that does not wait for its denial still pays for it with the budget of its
/// address.</para>
/// <para>Lookups in progress are not counted yet. They can overdraw the budget of an address by about as many as its
/// connections have in progress. The budget then takes longer to refill.</para>
/// <para>Callers that may watch orders without guessing (a signature, or a token that names the order) must not call
/// this. Memory is bounded (<see cref="BudgetTable{TKey}"/>). Thread-safe.</para>
/// </remarks>
internal sealed class DeniedSubscribeBudgets(IOptions<FrontEndOptions> options, TimeProvider time, GuessAlarm alarm)
{
    /// <summary>
    /// The longest delay of a denial. An honest client may wait as well, for example for an order that has no events
    /// yet.
    /// </summary>
    public static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly BudgetTable<ClientAddress> _addresses = new(
        options.Value.DeniedSubscribesPerAddress, options.Value.DeniedSubscribeRatePerAddress, time);

    // The overdraft is bounded, so that the delays end soon after an attack.
    private readonly BudgetTable<string> _keys = new(
        options.Value.DeniedSubscribesPerKey, options.Value.DeniedSubscribeRatePerKey, time,
        maxOverdraft: options.Value.DeniedSubscribeRatePerKey * LongestDelay.TotalSeconds);

    /// <summary>
    /// Returns how long the client must wait before it may name another order; zero if the order may be looked up now.
    /// Reports a wait as a refusal.
    /// </summary>
    public TimeSpan GetWait(GuessOrigin origin)
    {
        if (origin.Address is null)
        {
            return TimeSpan.Zero;
        }

        TimeSpan wait;
        lock (_lock)
        {
            wait = _addresses.GetWait(ClientAddress.Of(origin.Address));
        }

        if (wait > TimeSpan.Zero)
        {
            alarm.Limited(GuessTarget.Order, GuessScope.Address, origin.Address, origin.OrganizationId);
        }

        return wait;
    }

    /// <summary>
    /// Counts a denial: the order does not exist or is not the client's. Returns how long the answer must wait; zero if
    /// the key is within its budget. Reports a delay.
    /// </summary>
    public TimeSpan Denied(GuessOrigin origin)
    {
        TimeSpan delay;
        lock (_lock)
        {
            if (origin.Address is not null)
            {
                _addresses.Spend(ClientAddress.Of(origin.Address));
            }

            delay = _keys.Spend(origin.ApiKey);
        }

        if (delay > TimeSpan.Zero)
        {
            alarm.Limited(GuessTarget.Order, GuessScope.Key, origin.Address, origin.OrganizationId);
        }

        return delay;
    }
}
