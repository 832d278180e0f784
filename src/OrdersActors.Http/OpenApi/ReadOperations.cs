using Microsoft.OpenApi;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.Http.Reading;
using OrdersActors.Http.Streams;

namespace OrdersActors.Http.OpenApi;

/// <summary>Describes the operations that read.</summary>
internal static class ReadOperations
{
    private const string Json = "application/json";

    public static void DescribeNewest(OpenApiOperation operation, OpenApiDocument document)
    {
        operation.Summary = "Get the newest event of an order.";
        operation.Parameters =
        [
            OrderId(), Operation.Header("If-None-Match", Schema.Text("The ETag that the client has.")),
        ];
        operation.Responses = new OpenApiResponses
        {
            ["200"] = Operation.Answer(
                "The newest event.", (Json, ApiComponents.Reference(ApiComponents.Event, document)))
                .With("ETag", "\"<epoch>-<version>\"."),
            ["304"] = Operation.Answer("The client has the newest event."),
        };
        AddProblems(operation, document, ofOrder: true);
    }

    public static void DescribeOrder(OpenApiOperation operation, OpenApiDocument document)
    {
        operation.Summary = "Get the events of an order, as pages or as a stream.";
        DescribeEvents(operation, document, ofOrder: true);
        operation.Parameters!.Insert(0, OrderId());
    }

    public static void DescribeOrganization(OpenApiOperation operation, OpenApiDocument document)
    {
        operation.Summary = "Get the events of the whole organization, as pages or as a stream.";
        DescribeEvents(operation, document, ofOrder: false);
    }

    private static void DescribeEvents(OpenApiOperation operation, OpenApiDocument document, bool ofOrder)
    {
        var number = ofOrder ? "version" : "sequence";
        operation.Description = $"With `Accept: {StreamResponse.ContentType}` the answer is a stream of server-sent "
            + "events. It begins after the given number, or from now on without one. The id of each event is "
            + "`<epoch>:<number>`. The parameters last, last_event_id and access_token and the header Last-Event-ID "
            + "are only for streams, limit is only for pages. Unknown parameters are refused.";
        operation.Parameters =
        [
            Operation.Query("after", Schema.Number($"The {number} after which the events begin.")),
            Operation.Query("epoch", Schema.Text("The epoch that came with this number.")),
            Operation.Query("limit", Schema.Number(
                "Most events in a page.", 1, PageQuery.MaxLimit, PageQuery.DefaultLimit)),
            Operation.Query("last", Schema.Number(
                "For streams: begin with so many of the newest events.", 0, ResumePoint.MaxLast)),
            Operation.Query("last_event_id", Schema.Text("For streams: the id after which to resume.")),
            Operation.Query("access_token", Schema.Text(
                "For streams: a token, for browsers, which cannot send headers. Never a secret.")),
            Operation.Header("Last-Event-ID", Schema.Text("For streams: as last_event_id. It takes precedence.")),
        ];
        operation.Responses = new OpenApiResponses
        {
            ["200"] = Operation.Answer(
                "A page of events, or a stream.",
                (Json, ApiComponents.Reference(ApiComponents.EventPage, document)),
                (StreamResponse.ContentType, Schema.Text(
                    "Events with the names subscription, event, expiring and end. A stream that is refused for a while "
                    + "is one event end, with the time to come back in retry.")))
                .With("Link", "The next page, with rel=\"next\"."),
        };
        AddProblems(operation, document, ofOrder);
    }

    private static void AddProblems(OpenApiOperation operation, OpenApiDocument document, bool ofOrder)
    {
        operation.Tags = Operation.Tags(document, "Reading");
        operation.Security = ApiComponents.Security(
            document, ApiComponents.Basic, ApiComponents.Signature, ApiComponents.Token);
        operation.Responses!.AddProblems(
            document,
            (400, "A parameter is wrong; field names it."),
            (401, "The credentials are missing or wrong."),
            (403, "The credentials do not cover this, or must not be used on this page."));
        if (ofOrder)
        {
            operation.Responses!.AddProblems(document, (404, "There is no such order in the organization."));
        }

        operation.Responses!.AddProblems(
            document, (429, "Too many requests."), (503, "The log cannot be read at the moment."));
    }

    private static OpenApiParameter OrderId() => Operation.Path(
        OrderPath.Name,
        Schema.Text("The order, percent-encoded: / is %2F.", OrderEventRules.MaxOrderIdLength));
}
