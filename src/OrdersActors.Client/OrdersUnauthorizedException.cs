namespace OrdersActors.Client;

/// <summary>
/// Throw it in <see cref="OrdersClientOptions.GetToken"/> or <see cref="OrdersClientOptions.GetSignature"/> if the user
/// may not watch orders (any more). The client then stops. Other exceptions are retried.
/// </summary>
public sealed class OrdersUnauthorizedException : Exception
{
    /// <summary>Creates an exception.</summary>
    public OrdersUnauthorizedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with its cause.</summary>
    public OrdersUnauthorizedException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
