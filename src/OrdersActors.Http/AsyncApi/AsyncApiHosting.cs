using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.Http.Documents;

namespace OrdersActors.Http.AsyncApi;

/// <summary>
/// Serves the description of <c>/ws</c> at <c>/asyncapi.json</c> and, in Development, as a page at <c>/asyncapi</c>.
/// </summary>
/// <remarks>
/// Pages of any origin may read the document, because tools that show it run in browsers, and it has no secrets. The
/// page is HTML and one style, without scripts and without other hosts; the headers make the browser enforce this.
/// </remarks>
internal static class AsyncApiHosting
{
    public const string DocumentPath = "/asyncapi.json";
    public const string PagePath = "/asyncapi";

    public static void MapAsyncApi(this IEndpointRouteBuilder endpoints)
    {
        string[] methods = [HttpMethods.Get, HttpMethods.Head];
        var document = new ServedDocument(ProtocolDescription.Read(), ServedDocument.Json);
        endpoints.MapMethods(DocumentPath, methods, context =>
        {
            context.Response.Headers.AccessControlAllowOrigin = "*";
            context.Response.Headers.XContentTypeOptions = "nosniff";
            return document.ServeAsync(context);
        });
        if (endpoints.ServiceProvider.GetRequiredService<IHostEnvironment>().IsDevelopment())
        {
            endpoints.MapPage(methods, document);
        }
    }

    private static void MapPage(this IEndpointRouteBuilder endpoints, string[] methods, ServedDocument document)
    {
        var page = new Lazy<ServedDocument>(
            () => new ServedDocument(AsyncApiPage.Render(document.Content), ServedDocument.Html));
        endpoints.MapMethods(PagePath, methods, context =>
        {
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = AsyncApiPage.ContentSecurityPolicy;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            return page.Value.ServeAsync(context);
        });
    }
}
