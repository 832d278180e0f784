using Microsoft.Extensions.Options;

namespace OrdersActors.FrontEnd.Limits;

/// <summary>
/// Limits how many connects may fail per address. Only failures count. If an address has used up its budget, its
/// connects are checked at the rate at which the budget refills. So a client with the right key still connects from
/// there after some retries.
/// </summary>
/// <remarks>
/// <para>There is no budget for each claimed key. A shop's open key is public, so a stranger could use up the budget of
/// the key, and the shop's customers could not connect.</para>
/// <para>A key that has recently authenticated here does not need the budget, so clients that share an attacker's
/// address reconnect at once. A failed connect with such a key, for example because of a wrong signature, ends the
/// exception until the key authenticates again.</para>
/// <para>Connects in progress are not counted yet. They can overdraw the budget by about as many as may run at once
/// (<see cref="FrontEndLimiters.Requests"/>). The budget then takes longer to refill.</para>
/// <para>Memory is bounded (<see cref="BudgetTable{TKey}"/>). Thread-safe.</para>
/// </remarks>
internal sealed class FailedConnectBudgets(IOptions<FrontEndOptions> options, TimeProvider time)
{
    /// <summary>The maximum number of addresses that have a budget of their own.</summary>
    public const int MaxAddresses = BudgetTable<ClientAddress>.MaxBudgets;

    private readonly Lock _lock = new();
    private readonly KnownKeys _known = new(time);
    private readonly BudgetTable<ClientAddress> _addresses =
        new(options.Value.FailedConnectsPerAddress, options.Value.FailedConnectRatePerAddress, time);

    /// <summary>The number of addresses that have a budget of their own.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _addresses.Count;
            }
        }
    }

    /// <summary>Returns how long a connect must wait before it may be checked; zero if it may be checked now.</summary>
    public TimeSpan GetWait(ClientAddress address, string apiKey)
    {
        lock (_lock)
        {
            return _known.Contains(apiKey) ? TimeSpan.Zero : _addresses.GetWait(address);
        }
    }

    public void Succeeded(string apiKey)
    {
        lock (_lock)
        {
            _known.Add(apiKey);
        }
    }

    public void Failed(ClientAddress address, string apiKey)
    {
        lock (_lock)
        {
            _known.Remove(apiKey);
            _addresses.Spend(address);
        }
    }
}
