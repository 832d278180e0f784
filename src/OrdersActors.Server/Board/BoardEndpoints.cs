using Microsoft.Extensions.Options;

namespace OrdersActors.Server.Board;

/// <summary>
/// Adds the board to the server: a page at <c>/</c> that is an ordinary client of <c>/ws</c> and of the HTTP API. In
/// Development it also offers the demo account.
/// </summary>
internal static class BoardEndpoints
{
    /// <summary>Adds the settings of the board (<see cref="BoardOptions"/>).</summary>
    public static IServiceCollection AddBoard(this IServiceCollection services)
    {
        services.AddOptions<BoardOptions>().BindConfiguration("OrdersActors:Board").ValidateOnStart();
        return services;
    }

    /// <summary>Maps the page and its files under <c>/board/</c>. Maps nothing if the board is off.</summary>
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
    }
}
