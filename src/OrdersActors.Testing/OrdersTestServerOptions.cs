using Microsoft.Extensions.Logging;

namespace OrdersActors.Testing;

/// <summary>The settings of a test server.</summary>
public sealed class OrdersTestServerOptions
{
    /// <summary>The organization of the key, 1 to 64 characters; default <c>test</c>.</summary>
    public string OrganizationId { get; set; } = "test";

    /// <summary>
    /// Whether the key is restricted: each subscription needs a token or a signature. Default: false; the key alone may
    /// watch single orders.
    /// </summary>
    public bool IsRestricted { get; set; }

    /// <summary>
    /// Settings of the server by their full names, such as <c>OrdersActors:FrontEnd:MaxSubscriptions</c>. Default:
    /// none. The test server chooses the data directory, the addresses and the ports itself. A wrong value fails the
    /// start.
    /// </summary>
    public IDictionary<string, string?> Settings { get; } =
        new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Configures the server's log, for example with a provider that writes to the test's output. Default: null; then
    /// nothing is logged.
    /// </summary>
    public Action<ILoggingBuilder>? ConfigureLogging { get; set; }
}
