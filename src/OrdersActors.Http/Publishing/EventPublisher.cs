using Microsoft.Extensions.DependencyInjection;
using OrdersActors.Http.Limits;
using OrdersActors.Http.Problems;
using OrdersActors.Publishing;

namespace OrdersActors.Http.Publishing;

/// <summary>
/// Publishes the events of a request through the Orleans stream of the organization, all or none. Retries for
/// <see cref="HttpOptions.PublishRetryTime"/>, because the client of an HTTP request does not wait for long.
/// </summary>
internal sealed class EventPublisher(
    [FromKeyedServices(OrderHttpHosting.PublisherKey)] IOrderStatusPublisher publisher, PublishQuota quota)
{
    /// <summary>Returns what was stored, in the order of the events.</summary>
    /// <exception cref="ProblemException">
    /// An event is refused, the organization has used up its quota, or the log cannot store events. Nothing is stored.
    /// </exception>
    public async Task<IReadOnlyList<PublishedEvent>> PublishAsync(
        string organizationId, EventsOfRequest request, CancellationToken cancellationToken)
    {
        var events = new OrderStatusEvent[request.Inputs.Count];
        for (var i = 0; i < events.Length; i++)
        {
            CheckOrganization(request.Inputs[i], organizationId, index: request.IndexOf(i));
            events[i] = request.Inputs[i].Event;
        }

        quota.Take(organizationId, events.Length);
        try
        {
            return await publisher.PublishAsync(organizationId, events, cancellationToken);
        }
        catch (PublishFailedException) when (!request.IsList)
        {
            // The client needs the id of its event to repeat the request if the server generated it.
            throw EventProblem.Unavailable(new Dictionary<string, object?> { ["id"] = events[0].Id });
        }
        catch (Exception e) when (EventProblem.Is(e))
        {
            throw EventProblem.Of(e, request.Fields, request.IndexOf(EventRefusal.IndexOf(e) ?? 0));
        }
    }

    /// <summary>
    /// Publishes events that the caller has checked for their organization. Fails like the publisher.
    /// </summary>
    /// <exception cref="ProblemException">429: the organization has used up its quota.</exception>
    public Task<IReadOnlyList<PublishedEvent>> PublishAsync(
        string organizationId, OrderStatusEvent[] events, CancellationToken cancellationToken)
    {
        quota.Take(organizationId, events.Length);
        return publisher.PublishAsync(organizationId, events, cancellationToken);
    }

    /// <summary>Refuses an event that names another organization than that of the credentials.</summary>
    /// <exception cref="ProblemException">403: it does.</exception>
    public static void CheckOrganization(
        EventInput input, string organizationId, long? index = null, long? line = null)
    {
        if (input.OrganizationId is { } named && named != organizationId)
        {
            throw new ProblemException(403, ProblemCode.AccessDenied,
                "organization_id must be absent, or the organization of the API key")
            {
                Field = "organization_id",
                Index = index,
                Line = line,
            };
        }
    }
}
