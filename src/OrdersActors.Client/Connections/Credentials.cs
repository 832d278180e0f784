using OrdersActors.Client.Protocol;

namespace OrdersActors.Client.Connections;

/// <summary>
/// Asks the application for tokens and signatures. A token is kept over connections until the server says that it ends,
/// so that a flapping network does not become load for the application's backend. Used by one connection at a time.
/// </summary>
internal sealed class Credentials(OrdersClientOptions options, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _asking = new(1, 1);
    private string? _token;
    private string? _accepted;

    public bool HasTokens => options.GetToken is not null;

    /// <summary>The data of a connect.</summary>
    /// <exception cref="OrdersClientException">The application says that the user is not authorized.</exception>
    /// <exception cref="CredentialsException">They cannot be had at the moment.</exception>
    public async Task<RequestData> GetAsync(CancellationToken cancellationToken)
    {
        await _asking.WaitAsync(cancellationToken);
        try
        {
            var request = new RequestData { ApiKey = options.ApiKey };
            if (options.GetToken is { } getToken)
            {
                _token ??= await AskAsync(nameof(options.GetToken), getToken, cancellationToken);
                return request with { Token = _token };
            }

            return options switch
            {
                { GetSignature: { } sign } => request with
                {
                    AuthorizationSignature = await AskAsync(nameof(options.GetSignature), sign, cancellationToken),
                },
                { ApiSecret: { } secret } => request with
                {
                    AuthorizationSignature = AuthorizationSignature.Create(options.ApiKey, secret, time.GetUtcNow()),
                },
                _ => request,
            };
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <summary>The data of a connect with a newer token than this one.</summary>
    public Task<RequestData> RenewAsync(string? old, CancellationToken cancellationToken)
    {
        Drop(old);
        return GetAsync(cancellationToken);
    }

    /// <summary>Notes that the server has accepted this token.</summary>
    public void Accept(string? token) => _accepted = token;

    /// <summary>Whether the server has accepted this token before.</summary>
    public bool WasAccepted(string? token) => token is not null && token == _accepted;

    /// <summary>Does not use this token again.</summary>
    public void Drop(string? token)
    {
        if (_token == token)
        {
            _token = null;
        }
    }

    public void Dispose() => _asking.Dispose();

    private async Task<string> AskAsync(
        string name, Func<CancellationToken, ValueTask<string>> ask, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(AnswerTimeout, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            // A callback that ignores its token must not block the client forever.
            var text = (await ask(ended.Token).AsTask().WaitAsync(ended.Token))?.Trim();
            return string.IsNullOrEmpty(text)
                ? throw new CredentialsException($"{name} returned no text", null)
                : IsWrongToken(name, text)
                    ? throw new CredentialsException($"{name} did not return a token of the form a.b.c", null)
                    : text;
        }
        catch (OrdersUnauthorizedException e)
        {
            throw new OrdersClientException(
                OrdersClientException.Unauthorized, $"{name} refused: {e.Message}", inner: e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CredentialsException($"{name} did not answer within {AnswerTimeout.TotalSeconds} s", e);
        }
        catch (Exception e) when (e is not (CredentialsException or OperationCanceledException))
        {
            throw new CredentialsException($"{name} failed: {e.Message}", e);
        }
    }

    /// <summary>
    /// Whether a text cannot be a token: an error page with status 200, for example. Then the backend is in trouble,
    /// and the token was not refused.
    /// </summary>
    private bool IsWrongToken(string name, string text) =>
        name == nameof(options.GetToken) && (text.Count(c => c == '.') != 2
            || !text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'));
}

/// <summary>Credentials cannot be had at the moment. The client tries again.</summary>
internal sealed class CredentialsException(string message, Exception? inner) : Exception(message, inner);
