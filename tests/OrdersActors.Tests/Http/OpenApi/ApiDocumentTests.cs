using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using OrdersActors.FrontEnd;
using OrdersActors.Http;
using OrdersActors.Http.OpenApi;
using OrdersActors.Publishing;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Http.OpenApi;

/// <summary>
/// The description of the HTTP API is a contract: clients are generated from it. The snapshot makes each change
/// visible.
/// </summary>
public sealed class ApiDocumentTests
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    [Fact]
    public async Task Document_is_the_one_in_the_snapshot()
    {
        await using var app = Create();
        var json = JsonNode.Parse(await app.Services.GetRequiredService<ApiDocument>().GetAsync());
        Snapshot.Verify("Contracts/HttpApi.txt", json!.ToJsonString(Indented) + "\n");
    }

    [Fact]
    public async Task Document_is_valid_and_describes_every_endpoint()
    {
        await using var app = Create();
        var json = Encoding.UTF8.GetString(await app.Services.GetRequiredService<ApiDocument>().GetAsync());
        var (document, diagnostic) = OpenApiDocument.Parse(json, "json");
        Assert.Empty(diagnostic!.Errors);
        Assert.Empty(diagnostic.Warnings);
        var described = document!.Paths.SelectMany(
            path => path.Value.Operations!.Select(operation => $"{operation.Key} {path.Key}"));
        var mapped = ((IEndpointRouteBuilder)app).DataSources
            .SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/v1", StringComparison.Ordinal))
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods
                .Where(method => method != "HEAD").Select(method => $"{method} {endpoint.RoutePattern.RawText}"));
        Assert.Equal(mapped.Order(), described.Order());
        Assert.All(document.Paths.SelectMany(path => path.Value.Operations!.Values), operation =>
        {
            Assert.NotNull(operation.OperationId);
            Assert.NotNull(operation.Summary);
            Assert.NotEmpty(operation.Security!);
            Assert.True(operation.Responses!.Count > 4);
        });
    }

    private static WebApplication Create()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(new FrontEndGrains().Factory);
        // The application is not started, so nothing connects to it.
        builder.Services.AddOrderStatusPublisher(options => options.Gateways.Add(new("127.0.0.1", 1)));
        builder.Services.AddOrderFrontEnd();
        builder.Services.AddOrderHttp();
        var app = builder.Build();
        app.MapOrderHttp();
        // The start would do this. The description reads the endpoints that it makes known.
        app.UseRouting();
        app.UseEndpoints(static _ => { });
        return app;
    }
}
