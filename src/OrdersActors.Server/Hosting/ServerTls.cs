using Microsoft.AspNetCore.Connections;
using Orleans.Configuration;
using OrdersActors.Publishing;
using OrdersActors.Publishing.Tls;

namespace OrdersActors.Server.Hosting;

/// <summary>Mutual TLS of the silo and gateway ports. Section <c>OrdersActors:Tls</c>.</summary>
internal static class ServerTls
{
    public const string Section = "OrdersActors:Tls";

    // Orleans logs a failed handshake with a stack trace. InboundTls and OutboundTls log it in one line with the other
    // side's address.
    private const string OrleansHandshakes = "Orleans.Connections.Security";

    private static readonly string[] Names =
    [
        nameof(OrderTlsOptions.CertificateFile), nameof(OrderTlsOptions.KeyFile), nameof(OrderTlsOptions.Password),
        nameof(OrderTlsOptions.AuthorityFile),
    ];

    /// <summary>Reads the settings; null if there are none.</summary>
    /// <exception cref="StartupException">
    /// Settings are missing or unknown. A misspelled name must not turn TLS off.
    /// </exception>
    public static OrderTlsOptions? Read(IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        var names = section.GetChildren().Where(child => child.Value is not "").Select(child => child.Key).ToArray();
        if (names.Length == 0)
        {
            return null;
        }

        if (names.Except(Names, StringComparer.OrdinalIgnoreCase).FirstOrDefault() is { } unknown)
        {
            throw new StartupException(
                $"{Section}:{unknown} is not a setting; expected {string.Join(", ", Names)}");
        }

        var options = section.Get<OrderTlsOptions>()!;
        return options.FindProblem() is { } problem ? throw new StartupException($"{Section}:{problem}") : options;
    }

    /// <summary>Reads the files once, before the storage is opened.</summary>
    /// <exception cref="StartupException">A file cannot be used. The message names it and its setting.</exception>
    public static void Check(ServerOptions options, ServerRole role) =>
        InOneLine(options.Tls, role != ServerRole.FrontEnd, files => files.Parse(files.Read()));

    /// <summary>Connects the client with TLS if it is configured.</summary>
    /// <exception cref="StartupException">A file cannot be used. The message names it and its setting.</exception>
    public static IClientBuilder UseTlsOf(this IClientBuilder client, ServerOptions options)
    {
        InOneLine(options.Tls, isServer: false, files =>
        {
            client.UseOrderTls(files);
            HideOrleansHandshakes(client.Services);
        });
        return client;
    }

    /// <summary>Secures the silo's ports, and its connections to other silos, if TLS is configured.</summary>
    /// <exception cref="StartupException">A file cannot be used. The message names it and its setting.</exception>
    public static void UseTlsOf(this ISiloBuilder silo, ServerOptions options) =>
        InOneLine(options.Tls, isServer: true, files =>
        {
            silo.Services.AddOrderTls(files);
            silo.Services.AddSingleton<InboundTls>();
            HideOrleansHandshakes(silo.Services);
            silo.Configure<SiloConnectionOptions>(connections =>
            {
                connections.ConfigureSiloInboundConnection(
                    connection => Get<InboundTls>(connection).AddTo(connection, InnerPort.Silo));
                connections.ConfigureGatewayInboundConnection(
                    connection => Get<InboundTls>(connection).AddTo(connection, InnerPort.Gateway));
                connections.ConfigureSiloOutboundConnection(
                    connection => Get<OutboundTls>(connection).AddTo(connection));
            });
        });

    private static void HideOrleansHandshakes(IServiceCollection services) =>
        services.AddLogging(logging => logging.AddFilter(OrleansHandshakes, LogLevel.None));

    private static T Get<T>(IConnectionBuilder connection)
        where T : notnull => connection.ApplicationServices.GetRequiredService<T>();

    private static void InOneLine(OrderTlsOptions? options, bool isServer, Action<TlsFiles> use)
    {
        if (options is null)
        {
            return;
        }

        try
        {
            use(new TlsFiles(options, Section + ":", isServer));
        }
        catch (InvalidDataException e)
        {
            throw new StartupException(e.Message);
        }
    }
}
