using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OrdersActors.Publishing.Hubs;

/// <summary>Lets the Orleans client of an application start in the background.</summary>
internal static class BackgroundStart
{
    /// <summary>Replaces Orleans' hosted service by a <see cref="BackgroundClient"/>.</summary>
    /// <param name="builder">The client.</param>
    /// <param name="target">The gateways and the cluster, for messages.</param>
    /// <exception cref="InvalidOperationException">The client has no hosted service that could be replaced.</exception>
    public static void Use(IClientBuilder builder, string target)
    {
        var services = builder.Services;
        var isReplaced = services.Any(service => service.ServiceType == typeof(HubContact));
        // If an application names gateways twice, Orleans uses the last ones.
        services.AddSingleton(provider => new HubContact(
            target,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<BackgroundClient>>(),
            provider.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? default));
        if (isReplaced)
        {
            return;
        }

        services.AddSingleton<IClusterConnectionStatusObserver>(
            provider => provider.GetRequiredService<HubContact>());
        // A filter that the application adds later takes precedence.
        services.AddSingleton<IClientConnectionRetryFilter, HubRetry>();
        Replace(services);
    }

    // The type of Orleans' hosted service is internal. It is the client itself, registered by a factory of Orleans'
    // client assembly.
    private static void Replace(IServiceCollection services)
    {
        var assembly = typeof(IClientBuilder).Assembly;
        var hosted = services.LastOrDefault(service => service.ServiceType == typeof(IHostedService)
            && !service.IsKeyedService
            && service.ImplementationFactory?.Method.DeclaringType?.Assembly == assembly)
            ?? throw new InvalidOperationException("The Orleans client has no hosted service.");
        var create = hosted.ImplementationFactory!;
        services[services.IndexOf(hosted)] = ServiceDescriptor.Singleton<IHostedService>(provider =>
        {
            var client = (IHostedService)create(provider);
            return client is IClusterClient
                ? ActivatorUtilities.CreateInstance<BackgroundClient>(provider, client)
                : throw new InvalidOperationException($"{client.GetType()} is not the Orleans client.");
        });
    }
}
