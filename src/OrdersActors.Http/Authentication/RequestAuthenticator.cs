using Microsoft.AspNetCore.Http;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.FrontEnd.Sessions.Authentication;

namespace OrdersActors.Http.Authentication;

/// <summary>
/// Authenticates requests with the authentication grain, and uses recent successes again.
/// </summary>
/// <remarks>
/// Failures count in the same budgets per address and key as failed connects on <c>/ws</c>
/// (<see cref="FailedConnectBudgets"/>), so a client cannot guess more keys over HTTP. Requests whose
/// authentication is cached or in progress need no budget.
/// </remarks>
internal sealed class RequestAuthenticator(
    IGrainFactory grains, AuthenticationCache cache, GuessLimits guesses, FrontEndLimiters limiters)
    : IRequestAuthenticator
{
    public Task<ClientIdentity> AuthenticateAsync(HttpContext context)
    {
        var credentials = RequestCredentials.Read(context.Request);
        var id = cache.IdOf(credentials);
        if (cache.Find(id) is { } known)
        {
            return known;
        }

        var address = ClientAddress.Of(context.Connection.RemoteIpAddress);
        var wait = guesses.Connects.GetWait(address, credentials.ApiKey);
        if (wait > TimeSpan.Zero)
        {
            guesses.Alarm.Limited(
                GuessTarget.ApiKey, GuessScope.Address, context.Connection.RemoteIpAddress, organizationId: null);
            throw AuthenticationProblem.TooManyFailures(wait);
        }

        return cache.GetAsync(id, () => CheckAsync(credentials, address));
    }

    private async Task<ClientIdentity> CheckAsync(ClientCredentials credentials, ClientAddress address)
    {
        AuthenticationResult result;
        try
        {
            using var permit = await limiters.Requests.AcquireAsync(CancellationToken.None);
            result = await grains.Find<IAuthenticationGrain>(0).AuthenticateClient(credentials);
        }
        catch (Exception e) when (Transient.Is(e) || UnknownMethod.Is(e))
        {
            // A silo of a previous version does not know the method. Another silo, or the updated one, decides.
            throw AuthenticationProblem.Undecided();
        }

        if (result.Outcome != AuthenticationOutcome.Authenticated)
        {
            guesses.Connects.Failed(address, credentials.ApiKey);
            throw AuthenticationProblem.Of(result, credentials);
        }

        var key = result.ApiKey ?? credentials.ApiKey;
        guesses.Connects.Succeeded(key);
        return new ClientIdentity(
            key, result.OrganizationId!, result.IsSigned, result.IsRestricted, result.SecretId, result.Grant);
    }
}
