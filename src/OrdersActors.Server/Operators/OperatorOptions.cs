using OrdersActors.Server.Hosting;

namespace OrdersActors.Server.Operators;

/// <summary>The operators' page. Section <c>OrdersActors:Operators</c>. It is off by default.</summary>
internal sealed class OperatorOptions
{
    public const string Section = "OrdersActors:Operators";

    /// <summary>
    /// The URL that the page listens on, with a port of its own, such as <c>http://127.0.0.1:5090</c>. Default none:
    /// then there is no page. The password would travel in clear over <c>http</c>, so another address than loopback
    /// requires <c>https</c> (with <c>Kestrel:Certificates:Default</c>).
    /// </summary>
    public string? Url { get; set; }

    /// <summary>
    /// The password of the operators, at least 12 characters; required if there is a URL. A secret, so set it in the
    /// environment. It is never logged.
    /// </summary>
    public string? Password { get; set; }

    /// <summary>
    /// Whether silos collect the statistics of Orleans' dashboard, and the page offers it; default false. Each grain
    /// call is then measured. All silos need the same value.
    /// </summary>
    public bool Dashboard { get; set; }

    /// <summary>The port of the page; 0 if there is no page.</summary>
    public int Port => Uri.TryCreate(Url, UriKind.Absolute, out var url) ? url.Port : 0;

    /// <summary>Reads and checks the settings.</summary>
    /// <exception cref="StartupException">A setting is invalid. The message names it.</exception>
    public static OperatorOptions Read(IConfiguration configuration)
    {
        var options = ServerStorage.Read(configuration, Section, new OperatorOptions(), _ => { });
        return FindProblem(options) is { } problem ? throw new StartupException($"{Section}:{problem}") : options;
    }

    private static string? FindProblem(OperatorOptions options)
    {
        const int leastPassword = 12;
        if (string.IsNullOrEmpty(options.Url))
        {
            return null;
        }

        return !Uri.TryCreate(options.Url, UriKind.Absolute, out var url)
            || url.Scheme is not ("http" or "https") || url.Port == 0
                ? $"{nameof(Url)} must be a URL with a port, such as http://127.0.0.1:5090, is '{options.Url}'"
            : url is { Scheme: "http", IsLoopback: false }
                ? $"{nameof(Url)} must be https, because it is not a loopback address: {options.Url}"
            : options.Password is not { Length: >= leastPassword }
                ? $"{nameof(Password)} must have at least {leastPassword} characters"
            : null;
    }
}
