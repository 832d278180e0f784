using Microsoft.OpenApi;
using OrdersActors.Http.Problems;

namespace OrdersActors.Http.OpenApi;

/// <summary>Builds the parts of operations.</summary>
internal static class Operation
{
    public static OpenApiParameter Path(string name, OpenApiSchema schema) => new()
    {
        Name = name,
        In = ParameterLocation.Path,
        Required = true,
        Description = schema.Description,
        Schema = schema,
    };

    public static OpenApiParameter Query(string name, OpenApiSchema schema) => new()
    {
        Name = name,
        In = ParameterLocation.Query,
        Description = schema.Description,
        Schema = schema,
    };

    public static OpenApiParameter Header(string name, OpenApiSchema schema) => new()
    {
        Name = name,
        In = ParameterLocation.Header,
        Description = schema.Description,
        Schema = schema,
    };

    public static OpenApiResponse Answer(
        string description, params (string MediaType, IOpenApiSchema Schema)[] content) => new()
        {
            Description = description,
            Content = content.Length == 0
                ? null
                : content.ToDictionary(pair => pair.MediaType, pair => new OpenApiMediaType { Schema = pair.Schema }),
        };

    /// <summary>The group of an operation.</summary>
    public static HashSet<OpenApiTagReference> Tags(OpenApiDocument document, string name) =>
        [new OpenApiTagReference(name, document)];

    /// <summary>Adds a header to an answer.</summary>
    public static OpenApiResponse With(this OpenApiResponse response, string header, string description)
    {
        response.Headers ??= new Dictionary<string, IOpenApiHeader>();
        response.Headers[header] = new OpenApiHeader { Description = description, Schema = Schema.Text(description) };
        return response;
    }

    /// <summary>Adds the answers with a problem document.</summary>
    public static void AddProblems(
        this OpenApiResponses responses, OpenApiDocument document, params (int Status, string Description)[] problems)
    {
        foreach (var (status, description) in problems)
        {
            var response = Answer(
                description, (ProblemDocument.ContentType, ApiComponents.Reference(ApiComponents.Problem, document)));
            responses[$"{status}"] = status is 429 or 503
                ? response.With("Retry-After", "Whole seconds until a retry may succeed.")
                : response;
        }
    }
}
