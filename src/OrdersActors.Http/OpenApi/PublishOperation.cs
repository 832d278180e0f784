using Microsoft.OpenApi;
using OrdersActors.Http.Publishing;

namespace OrdersActors.Http.OpenApi;

/// <summary>Describes the operation that publishes.</summary>
internal static class PublishOperation
{
    public static void Describe(OpenApiOperation operation, OpenApiDocument document)
    {
        operation.Tags = Operation.Tags(document, "Publishing");
        operation.Summary = "Publish events.";
        operation.Description = "One event, an array, JSON lines, or CloudEvents 1.0 in structured, batched or binary "
            + "mode. A request with the headers ce-specversion, ce-id, ce-source, ce-type and ce-subject is a "
            + "CloudEvent in binary mode, whose body is its data. A list is stored as a whole or not at all; lines are "
            + "stored while they arrive.";
        operation.Security = ApiComponents.Security(document, ApiComponents.Basic, ApiComponents.Signature);
        operation.RequestBody = Body(document);
        var content = (BodyFormats.Json, (IOpenApiSchema)Schema.OneOf(
            Reference(ApiComponents.StoredEvent, document),
            Schema.List(Reference(ApiComponents.StoredEvent, document), "For a list, in its order."),
            Reference(ApiComponents.StoredLines, document)));
        operation.Responses = new OpenApiResponses
        {
            ["200"] = Operation.Answer("All events had been stored before.", content),
            ["201"] = Operation.Answer("The events are stored.", content),
        };
        operation.Responses.AddProblems(
            document,
            (400, "An event or the request is wrong; field, index and line name the place."),
            (401, "The credentials are missing or wrong."),
            (403, "The credentials do not allow publishing, or a page of another origin sent them."),
            (409, "The id was used for a different event."),
            (413, "The body or the list is too large."),
            (415, "The content type is not supported."),
            (429, "Too many requests."),
            (503, "The events cannot be stored at the moment. Repeat the request with the same ids."));
    }

    private static OpenApiRequestBody Body(OpenApiDocument document)
    {
        var one = Reference(ApiComponents.NewEvent, document);
        var cloudEvent = Reference(ApiComponents.CloudEvent, document);
        return new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                [BodyFormats.Json] = new()
                {
                    Schema = Schema.OneOf(one, Schema.List(one, $"At most {OrderEventRules.MaxBatch} events.")),
                },
                ["application/x-ndjson"] = new() { Schema = Schema.Text("One event per line.") },
                ["application/jsonl"] = new() { Schema = Schema.Text("One event per line.") },
                [BodyFormats.CloudEvent] = new() { Schema = cloudEvent },
                [BodyFormats.CloudEventBatch] = new()
                {
                    Schema = Schema.List(cloudEvent, $"At most {OrderEventRules.MaxBatch} events."),
                },
            },
        };
    }

    private static OpenApiSchemaReference Reference(string schema, OpenApiDocument document) =>
        ApiComponents.Reference(schema, document);
}
