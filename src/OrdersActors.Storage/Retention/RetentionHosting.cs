using Microsoft.Extensions.DependencyInjection;

namespace OrdersActors.Storage.Retention;

/// <summary>Adds the removing of old events to the server that owns the log.</summary>
public static class RetentionHosting
{
    /// <summary>
    /// The services must hold an <see cref="IEventLog"/> and a <see cref="TimeProvider"/>. Settings: <see cref="RetentionOptions"/>.
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
