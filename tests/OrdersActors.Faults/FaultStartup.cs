using System.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;
using OrdersActors.Faults.Breakages;
using OrdersActors.Faults.Hops;
using OrdersActors.Faults.Totals;

[assembly: HostingStartup(typeof(OrdersActors.Faults.FaultStartup))]

namespace OrdersActors.Faults;

/// <summary>
/// Injects the faults into an unmodified server. <c>ASPNETCORE_HOSTINGSTARTUPASSEMBLIES</c> names this assembly.
/// </summary>
/// <remarks>
/// A hosting startup runs before the server registers its own services, which would replace the services of the faults.
/// The host raises a diagnostic event, which tools rely on, right before it is built and after all registrations. The
/// faults are registered then.
/// </remarks>
public sealed class FaultStartup
    : IHostingStartup, IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
{
    /// <summary>The name of this assembly, as in the environment variables of a server.</summary>
    public const string AssemblyName = "OrdersActors.Faults";

    /// <summary>The names of the hops, as in the variables.</summary>
    public static IReadOnlyList<string> Hops { get; } = Enum.GetNames<Hop>();

    /// <summary>The names of the faults, as in the variables.</summary>
    public static IReadOnlyList<string> Faults { get; } =
        [nameof(FaultRates.Drop), nameof(FaultRates.Duplicate), nameof(FaultRates.Reorder)];

    /// <summary>The names of the breakages.</summary>
    public static IReadOnlyList<string> Breakages { get; } = [.. Enum.GetNames<Breakage>().Skip(1)];

    private readonly FaultOptions _options = FaultOptions.FromEnvironment();

    public void Configure(IWebHostBuilder builder)
    {
        TotalsReport.Start();
        Console.WriteLine($"faults: {_options}");
        DiagnosticListener.AllListeners.Subscribe(this);
    }

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == "Microsoft.Extensions.Hosting")
        {
            value.Subscribe(this);
        }
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value is { Key: "HostBuilding", Value: IHostBuilder host })
        {
            host.ConfigureServices((_, services) => FaultServices.Add(services, _options));
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }
}
