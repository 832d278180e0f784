using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using OrdersActors.Publishing.Tls;

namespace OrdersActors.Publishing;

/// <summary>Secures an application's own Orleans client.</summary>
public static class OrderTlsHosting
{
    /// <summary>
    /// Connects to gateways with mutual TLS only. The files are read now, and again when they change.
    /// </summary>
    /// <remarks>
    /// A publisher with its own client uses <see cref="OrderStatusPublisherOptions.Tls"/> instead.
    /// </remarks>
    /// <exception cref="ArgumentException">The options are incomplete.</exception>
    /// <exception cref="InvalidDataException">A file cannot be used. The message names it.</exception>
    public static IClientBuilder UseOrderTls(this IClientBuilder builder, OrderTlsOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(options);
        return options.FindProblem() is { } problem
            ? throw new ArgumentException(problem, nameof(options))
            : builder.UseOrderTls(new TlsFiles(options, "TLS ", isServer: false));
    }

    internal static IClientBuilder UseOrderTls(this IClientBuilder builder, TlsFiles files)
    {
        builder.Services.AddOrderTls(files);
        return builder.Configure<ClientConnectionOptions>(options => options.ConfigureConnection(
            connection => connection.ApplicationServices.GetRequiredService<OutboundTls>().AddTo(connection)));
    }

    /// <summary>Adds the certificates of a client or silo, and their use for connections that it makes.</summary>
    /// <exception cref="InvalidDataException">A file cannot be used. The message names it.</exception>
    internal static void AddOrderTls(this IServiceCollection services, TlsFiles files)
    {
        var create = TlsCertificates.Load(files);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => create(
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<TlsCertificates>>()));
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<TlsCertificates>());
        services.AddSingleton<OutboundTls>();
    }
}
