using OrdersActors.Server.Board;
using OrdersActors.Server.Hosting;

namespace OrdersActors.Server.Commands;

/// <summary>
/// Reads and checks the secret that <c>sign</c> and <c>token</c> sign with. A signature with a wrong secret looks like
/// any other, and only the server detects it. So the commands refuse a text that cannot be a secret, and warn if it
/// does not look like one. No message contains the secret.
/// </summary>
internal static class ApiSecret
{
    /// <summary>The environment variable that holds the secret if the command line does not.</summary>
    public const string Variable = "ORDERS_ACTORS_API_SECRET";

    private const string KeyPrefix = "oak_";
    private const string SecretPrefix = "oas_";

    // 32 random bytes in Base64Url.
    private const int SecretLength = 43;

    // In characters. A longer line is not a secret, so reading stops here.
    private const int MaxInput = 4096;

    /// <summary>
    /// Reads the secret: the given one; if that is "-", the first line of the input; if it is null, the environment
    /// variable.
    /// </summary>
    /// <exception cref="StartupException">The secret is missing or empty.</exception>
    public static async Task<string> ReadAsync(string? given, TextReader input, CancellationToken cancellationToken)
    {
        var secret = given switch
        {
            null => Environment.GetEnvironmentVariable(Variable),
            "-" => await ReadLineAsync(input, cancellationToken),
            _ => given,
        };
        return secret is { Length: > 0 }
            ? secret
            : throw new StartupException(given is null ? $"{Variable} is empty"
                : given == "-" ? "standard input contains no secret"
                : "--api-secret is empty");
    }

    /// <summary>Returns why a key and a secret cannot belong together, or null.</summary>
    public static string? Refusal(string key, string secret) =>
        secret.StartsWith(KeyPrefix, StringComparison.Ordinal) || key.StartsWith(SecretPrefix, StringComparison.Ordinal)
            ? $"the API key and its secret are swapped: a key begins with {KeyPrefix}, a secret with {SecretPrefix}"
            : secret.Any(char.IsWhiteSpace) || secret.Any(char.IsControl)
                ? "the secret contains white space or control characters, so it is not a valid secret"
                : key == secret ? "the API key was given as its secret" : null;

    /// <summary>Returns why a secret was probably not created by <c>keys create</c>, or null.</summary>
    public static string? Doubt(string secret)
    {
        if (secret == DemoAccount.Current.ApiSecret)
        {
            return null;
        }

        return secret.StartsWith(SecretPrefix, StringComparison.Ordinal)
            && secret.Length == SecretPrefix.Length + SecretLength
            ? null
            : $"the secret does not look like one of this server's, which begin with {SecretPrefix} "
                + $"and have {SecretPrefix.Length + SecretLength} characters; it is used anyway";
    }

    private static async Task<string> ReadLineAsync(TextReader input, CancellationToken cancellationToken)
    {
        var buffer = new char[MaxInput];
        var length = 0;
        while (length < MaxInput && buffer.AsSpan(0, length).IndexOf('\n') < 0)
        {
            // A read from a terminal cannot be cancelled. WaitAsync abandons it; the process ends soon after.
            var read = await input.ReadAsync(buffer.AsMemory(length), cancellationToken)
                .AsTask().WaitAsync(cancellationToken);
            if (read == 0)
            {
                break;
            }

            length += read;
        }

        var text = buffer.AsSpan(0, length);
        return (text.IndexOf('\n') is >= 0 and var end ? text[..end] : text)
            .TrimEnd('\r').TrimStart('\uFEFF').ToString();
    }
}
