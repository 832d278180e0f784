namespace OrdersActors.Client;

/// <summary>A watch or the whole client cannot go on. <see cref="Code"/> says why.</summary>
public class OrdersClientException : Exception
{
    /// <summary>The code if the client was disposed.</summary>
    public const string Closed = "closed";

    /// <summary>The code if a callback threw <see cref="OrdersUnauthorizedException"/>.</summary>
    public const string Unauthorized = "unauthorized";

    /// <summary>The code if the server closed the connection with 1003, 1007 or 1009.</summary>
    public const string Protocol = "protocol";

    /// <summary>The code of <see cref="OrderGapException"/>.</summary>
    public const string HistoryGap = "history_gap";

    /// <summary>Creates an exception.</summary>
    /// <param name="code">See <see cref="Code"/>.</param>
    /// <param name="message">The reason for a human reader.</param>
    /// <param name="orderId">See <see cref="OrderId"/>.</param>
    /// <param name="inner">The cause, or null.</param>
    public OrdersClientException(string code, string message, string? orderId = null, Exception? inner = null)
        : base(message, inner) => (Code, OrderId) = (code, orderId);

    /// <summary>
    /// One of the constants of this class, or the server's code, such as <c>access_denied</c>. Codes never change, and
    /// later servers may have more. Branch on the code, never on the message.
    /// </summary>
    public string Code { get; }

    /// <summary>The order whose watch has ended; null for the organization and for the whole client.</summary>
    public string? OrderId { get; }
}
