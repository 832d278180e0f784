namespace OrdersActors.FrontEnd.Limits;

/// <summary>The secret that a client may be guessing.</summary>
internal enum GuessTarget
{
    /// <summary>An API key, or the proof of its secret.</summary>
    ApiKey,

    /// <summary>The id of an order.</summary>
    Order,
}
