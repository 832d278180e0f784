using Microsoft.Extensions.DependencyInjection;

namespace OrdersActors.Storage.Retention;

/// <summary>Adds the removal of old events to the server that owns the log.</summary>
public static class RetentionHosting
{
    /// <summary>
    /// Adds the service. An <see cref="IEventLog"/> and a <see cref="TimeProvider"/> must be registered. Settings:
    /// <see cref="RetentionOptions"/>.
    /// </summary>
    public static IServiceCollection AddOrderRetention(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<RetentionOptions>()
            .BindConfiguration("OrdersActors:Retention").ValidateDataAnnotations().ValidateOnStart();
        services.AddHostedService<RetentionService>();
        return services;
    }
}
