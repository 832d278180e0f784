using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrdersActors.Grains.Authentication;
using OrdersActors.Grains.Epochs;
using OrdersActors.Grains.Observers;
using OrdersActors.Grains.Status;

namespace OrdersActors.Grains;

/// <summary>Adds the services that the grains need to a silo. Orleans finds the grains themselves.</summary>
public static class OrderGrainHosting
{
    /// <summary>
    /// Adds the services. An <see cref="Storage.IEventLog"/> and an <see cref="Storage.IApiKeyStore"/> must be
    /// registered in the silo's services, and the order cluster and the order streams must be added.
    /// </summary>
    public static ISiloBuilder AddOrderGrains(this ISiloBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddOptions<OrderGrainOptions>()
            .BindConfiguration("OrdersActors:Grains").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<AuthenticationOptions>()
            .BindConfiguration("OrdersActors:Authentication").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<ApiKeyCache>();
        builder.Services.AddSingleton<KeyUses>();
        builder.Services.AddHostedService<KeyUseWriter>();
        builder.Services.AddSingleton<LogProbe>();
        builder.Services.AddHostedService(static services => services.GetRequiredService<LogProbe>());
        builder.Services.AddSingleton<LogEpochs>();
        builder.Services.TryAddSingleton<LocalObservers>();
        builder.Services.AddSingleton<LocalOrders>();
        builder.Services.AddSingleton<NotificationLanes>();
        MetricZeros.Register(static () => _ = LeaseMetrics.IsCollected);
        return builder;
    }
}
