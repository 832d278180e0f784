using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace OrdersActors.Http.OpenApi;

/// <summary>
/// Serves the description of the API at <c>/openapi/v1.json</c> and, in Development, a page to try it at
/// <c>/openapi</c>.
/// </summary>
/// <remarks>
/// The endpoints are plain request delegates, so the framework derives only paths, methods and names from them. Each
/// endpoint describes the rest itself (<see cref="Describe"/>). The document is made for its first request; the start
/// of the server does no work for it.
/// </remarks>
internal static class ApiDescriptionHosting
{
    public const string DocumentName = "v1";
    public const string DocumentPath = "/openapi/v1.json";

    public static void AddApiDescription(this IServiceCollection services)
    {
        services.AddOpenApi(DocumentName, options =>
        {
            options.OpenApiVersion = ApiDocument.SpecVersion;
            options.ShouldInclude = static endpoint =>
                endpoint.RelativePath?.StartsWith("v1/", StringComparison.Ordinal) is true
                && endpoint.HttpMethod != HttpMethods.Head;
            options.AddDocumentTransformer(static (document, _, _) =>
            {
                ApiComponents.AddTo(document);
                return Task.CompletedTask;
            });
        });
        services.AddSingleton<ApiDocument>();
    }

    public static void MapApiDescription(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        var document = services.GetRequiredService<ApiDocument>();
        endpoints.MapMethods(DocumentPath, [HttpMethods.Get, HttpMethods.Head], document.ServeAsync);
        if (services.GetRequiredService<IHostEnvironment>().IsDevelopment())
        {
            // Everything comes from this server: no fonts, no telemetry, no assistant of the page's vendor.
            endpoints.MapScalarApiReference("/openapi", options => options
                .WithTitle("OrdersActors")
                .WithOpenApiRoutePattern(DocumentPath)
                .DisableDefaultFonts()
                .DisableTelemetry()
                .DisableAgent()
                .DisableMcp());
        }
    }

    /// <summary>Describes an endpoint.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="handler">Its handler, by which the framework recognizes an endpoint to describe.</param>
    /// <param name="describe">Fills the operation. The document resolves references to its components.</param>
    public static void Describe(
        this IEndpointConventionBuilder endpoint, RequestDelegate handler,
        Action<OpenApiOperation, OpenApiDocument> describe) =>
        endpoint.WithMetadata(handler.Method)
            .AddOpenApiOperationTransformer((operation, context, _) =>
            {
                describe(operation, context.Document!);
                return Task.CompletedTask;
            });
}
