using Microsoft.Extensions.Options;

namespace OrdersActors.Server.Board;

/// <summary>
/// Adds the board to the server: a page at <c>/</c> that is an ordinary client of <c>/ws</c>. In Development it also
/// offers the demo account and demo orders. In other environments their endpoints do not exist.
/// </summary>
internal static class BoardEndpoints
{
    /// <summary>
    /// Adds the services of the board. An <see cref="Publishing.IOrderStatusPublisher"/> and a
    /// <see cref="TimeProvider"/> must be registered. Settings: <see cref="BoardOptions"/>.
    /// </summary>
    public static IServiceCollection AddBoard(this IServiceCollection services)
    {
        services.AddOptions<BoardOptions>().BindConfiguration("OrdersActors:Board").ValidateOnStart();
        services.AddSingleton<DemoOrders>();
        return services;
    }

    /// <summary>
    /// Maps the page, its files under <c>/board/</c> and, in Development, the demo. Maps nothing if the board is off.
    /// </summary>
    public static void MapBoard(this WebApplication app)
    {
        var isDevelopment = app.Environment.IsDevelopment();
        if (!(app.Services.GetRequiredService<IOptions<BoardOptions>>().Value.Enabled ?? isDevelopment))
        {
            return;
        }

        app.MapBoardPage();
        app.MapGet("/board/config", () => TypedResults.Json(
            new BoardConfig(isDevelopment ? DemoAccount.Current : null), BoardJson.Default.BoardConfig));
        if (isDevelopment)
        {
            app.MapDemoOrders();
        }
    }
}
