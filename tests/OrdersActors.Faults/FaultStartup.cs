using System.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;
using OrdersActors.Faults.Breakages;
using OrdersActors.Faults.Hops;
using OrdersActors.Faults.Totals;

[assembly: HostingStartup(typeof(OrdersActors.Faults.FaultStartup))]

namespace OrdersActors.Faults;

/// <summary>
/// Where the faults enter a server that knows nothing of them: named by <c>ASPNETCORE_HOSTINGSTARTUPASSEMBLIES</c>.
/// </summary>
/// <remarks>
/// A hosting startup runs before the server registers its own services, so what it registered itself would be replaced
/// by them. The host tells, by a diagnostic event that tools rely on, when it is about to be built: after everything
/// else. That is when the faults take their places.
/// </remarks>
public sealed class FaultStartup : IHostingStartup, IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
{
    /// <summary>The name of this assembly, as the server's environment gives it.</summary>
    public const string AssemblyName = "OrdersActors.Faults";

    /// <summary>The names of the hops, as variables name them.</summary>
    public static IReadOnlyList<string> Hops { get; } = Enum.GetNames<Hop>();

    /// <summary>The names of the faults, as variables name them.</summary>
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
