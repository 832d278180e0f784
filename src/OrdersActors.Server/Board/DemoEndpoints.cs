using Microsoft.AspNetCore.Http.HttpResults;
using OrdersActors.Publishing;

namespace OrdersActors.Server.Board;

/// <summary>
/// Places and advances demo orders, for the page's two buttons. The endpoints exist in Development only. They need no
/// authentication, so they publish only demo orders of the organization <c>demo</c>. The request body must be JSON; its
/// content is ignored.
/// </summary>
internal static partial class DemoEndpoints
{
    /// <summary>Maps <c>POST /board/orders</c> and <c>POST /board/orders/{id}/advance</c>.</summary>
    public static void MapDemoOrders(this IEndpointRouteBuilder endpoints)
    {
        var demo = endpoints.ServiceProvider.GetRequiredService<DemoOrders>();
        var logger = endpoints.ServiceProvider.GetRequiredService<ILogger<DemoOrders>>();
        var orders = endpoints.MapGroup("/board/orders").AddEndpointFilter(SameOrigin.RequireAsync);

        orders.MapPost("", (CancellationToken cancellationToken) => AnswerAsync(logger, async () =>
        {
            var created = await demo.PlaceAsync(cancellationToken);
            return TypedResults.Json(DemoEvent.From(created), BoardJson.Default.DemoEvent, statusCode: 201);
        }));

        orders.MapPost("{id}/advance", (string id, CancellationToken cancellationToken) =>
            AnswerAsync(logger, async () =>
            {
                if (demo.Find(id) is not { } order)
                {
                    return Refuse(
                        404, "unknown_order",
                        $"Order {id} is not one of the demo orders placed since the server started.");
                }

                return await demo.AdvanceAsync(order, cancellationToken) is { } next
                    ? TypedResults.Json(DemoEvent.From(next), BoardJson.Default.DemoEvent)
                    : Refuse(409, "order_finished", $"Order {id} has been delivered. There is no further step.");
            }));
    }

    /// <summary>Returns an error answer with its reason.</summary>
    public static JsonHttpResult<BoardError> Refuse(int statusCode, string code, string message) =>
        TypedResults.Json(new BoardError(code, message), BoardJson.Default.BoardError, statusCode: statusCode);

    private static async Task<IResult> AnswerAsync(ILogger logger, Func<Task<IResult>> answer)
    {
        try
        {
            return await answer();
        }
        catch (PublishFailedException e)
        {
            LogUnavailable(logger, e);
            return Refuse(503, "unavailable", "The event log cannot store events at the moment. Try again.");
        }
    }

    [LoggerMessage(1480, LogLevel.Warning,
        "Publishing a demo event failed; the page asks the user to retry, which publishes it under the same id")]
    private static partial void LogUnavailable(ILogger logger, Exception exception);
}
