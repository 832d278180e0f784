using OrdersActors.Cluster.Partitions;
using Orleans.Dashboard;

namespace OrdersActors.Server.Operators;

/// <summary>Adds the operators' page to a server, if a URL is set for it (<see cref="OperatorOptions"/>).</summary>
internal static class OperatorHosting
{
    /// <summary>Adds the statistics of Orleans' dashboard to a silo, if they are configured.</summary>
    public static void AddOperators(this ISiloBuilder silo, OperatorOptions options)
    {
        if (options.Dashboard)
        {
            // The dashboard could also show the log, which is not meant for a browser.
            silo.AddDashboard(static dashboard => dashboard.HideTrace = true);
        }
    }

    /// <summary>Adds the services of the page.</summary>
    public static IServiceCollection AddOperators(this IServiceCollection services, OperatorOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<OperatorState>();
        return services;
    }

    /// <summary>Maps the page. Maps nothing if there is no URL for it.</summary>
    public static void MapOperators(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<OperatorOptions>();
        if (options.Port == 0)
        {
            return;
        }

        var gate = new OperatorGate(
            new OperatorSessions(options.Password!, app.Services.GetRequiredService<TimeProvider>()), options.Port,
            app.Services.GetRequiredService<ILogger<OperatorGate>>());
        app.Use(gate.InvokeAsync);
        // A front end has no statistics.
        var hasDashboard = options.Dashboard && app.Services.GetService<PartitionMap>() is not null;
        app.MapGet(OperatorGate.Path, async (OperatorState state, CancellationToken cancellationToken) =>
            TypedResults.Content(
                OperatorHtml.Page(await state.ReadAsync(cancellationToken), hasDashboard),
                OperatorHtml.ContentType)).ExcludeFromDescription();
        app.MapGet($"{OperatorGate.Path}/state", async (OperatorState state, CancellationToken cancellationToken) =>
            TypedResults.Json(await state.ReadAsync(cancellationToken), OperatorJson.Default.OperatorSnapshot))
            .ExcludeFromDescription();
        if (hasDashboard)
        {
            app.MapOrleansDashboard(OperatorGate.DashboardPath).ExcludeFromDescription();
        }
    }
}
